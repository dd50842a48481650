"""What every channel does alike, over the real SDKs, a strict local platform and the real durable road."""
