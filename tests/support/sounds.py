"""Small recordings made on the spot."""

import io
import math
import struct
import wave


def tone(seconds: int) -> bytes:
    """Return a mono 8 kHz WAV of a quiet tone."""
    samples = (int(3000 * math.sin(step / 5)) for step in range(8000 * seconds))
    frames = b"".join(struct.pack("<h", sample) for sample in samples)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(frames)
    return buffer.getvalue()
