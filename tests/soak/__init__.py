"""Many people, many rooms, and a Nakodo that is killed again and again while they talk."""
