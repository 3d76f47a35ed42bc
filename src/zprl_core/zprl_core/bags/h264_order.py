"""Tells that a frame of an H.264 stream is missing: the decoder goes on without a word, with smeared images.

Names of fields as in ITU-T H.264, sections 7.3.2.1 and 7.3.3.
"""

from collections.abc import Iterator

START = b"\0\0\1"
HEADER = 64  # bytes of a unit that hold what is read here
SLICE, KEYFRAME_SLICE, PARAMETERS = 1, 5, 7  # types of units: a picture, one that depends on none, the sequence's
WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})  # profiles


class H264Order:
    """Follows the numbers that an encoder gives to the frames."""

    def __init__(self) -> None:
        self._bits = 0  # of a number; 0: not known, so that no gap is seen
        self._next: int | None = None  # the number of the next frame; None: it must be a keyframe

    def accepts(self, packet: bytes) -> bool:
        """Take the next packet; True if it can be decoded: a keyframe, or what follows the frame before."""
        for header, unit in _units(packet):
            kind, is_reference = header & 0x1F, bool(header & 0x60)  # nal_unit_type, nal_ref_idc
            try:
                if kind == PARAMETERS:
                    self._bits = _bits_of_number(_Bits(unit))
                elif kind in (SLICE, KEYFRAME_SLICE):
                    return self._follows(_number(_Bits(unit), self._bits), kind == KEYFRAME_SLICE, is_reference)
            except ValueError:
                break
        self.lose()
        return False

    def lose(self) -> None:
        """Accept nothing until the next keyframe."""
        self._next = None

    def _follows(self, number: int, is_keyframe: bool, is_reference: bool) -> bool:
        """True if no frame is missing before the one with this number; only references are counted."""
        follows = is_keyframe or number == self._next
        self._next = (number + is_reference) % (1 << self._bits) if follows else None
        return follows


class _Bits:
    """Reads bits. Raises ValueError after the last one."""

    def __init__(self, data: bytes):
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("the header ends too early")
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        """Returns the next number of an exponential Golomb code."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


def _units(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the first byte of each unit in Annex B, and the bytes after it that are read here."""
    at = packet.find(START)
    while 0 <= at < len(packet) - len(START):
        begin = at + len(START)
        header = packet[begin + 1 : begin + 1 + HEADER].split(START)[0]
        yield packet[begin], header.replace(b"\0\0\3", b"\0\0")
        at = packet.find(START, begin)


def _bits_of_number(sequence: _Bits) -> int:
    """Returns log2_max_frame_num of a sequence parameter set; 0 where scaling matrices precede it."""
    profile = sequence.take(8)
    sequence.take(16)  # constraints and level
    sequence.unsigned()  # seq_parameter_set_id
    if profile in WITH_CHROMA:
        if sequence.unsigned() == 3:  # chroma_format_idc
            sequence.take(1)
        sequence.unsigned()  # bit_depth_luma_minus8
        sequence.unsigned()  # bit_depth_chroma_minus8
        sequence.take(1)  # qpprime_y_zero_transform_bypass_flag
        if sequence.take(1):  # seq_scaling_matrix_present_flag
            return 0
    return sequence.unsigned() + 4


def _number(picture: _Bits, bits: int) -> int:
    """Returns frame_num of a slice."""
    for _ in range(3):  # first_mb_in_slice, slice_type, pic_parameter_set_id
        picture.unsigned()
    return picture.take(bits)
