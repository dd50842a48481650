"""Language models as they really are: a scripted server that behaves badly, and a small real one if it is there."""
