"""Codes of the issues of a data set check, with their severity and meaning.

Codes are never renamed; more may be added. The flags of `cxrtk.data.pixels.FLAGS` are codes too.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cxrtk.data.pixels.flags import FLAGS

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES: Final = (ERROR, WARNING, NOTE)


class Code(NamedTuple):
    """Severity and meaning of an issue."""

    severity: str
    meaning: str


_FLAGS: Final = {
    "constant": ERROR,
    "lossy": NOTE,
    "not_square": NOTE,
    "tinted": NOTE,
    "no_end": NOTE,
    "trailing_bytes": NOTE,
}

CODES: Final[dict[str, Code]] = {
    # files
    "unreadable": Code(ERROR, "a file that cannot be read"),
    "not_listed": Code(NOTE, "image files that the reader does not list, by folder"),
    # pairs and masks
    "mask_missing": Code(ERROR, "an image without a mask, where others have one"),
    "image_missing": Code(ERROR, "a mask without an image"),
    "masks_not_read": Code(ERROR, "no image has a mask, but files in the folder look like masks"),
    "labels_unusable": Code(ERROR, "there are masks, but the reader rejects all of them"),
    "mask_unreadable": Code(ERROR, "a mask that cannot be read, or without lungs"),
    "mask_size": Code(ERROR, "a mask of another size than its image"),
    "mask_values": Code(ERROR, "a mask of more than two values, or a class map of unknown numbers"),
    "masks_all_empty": Code(ERROR, "no mask holds a pixel"),
    "masks_all_full": Code(ERROR, "every mask holds every pixel"),
    "mask_empty": Code(WARNING, "a mask that holds no pixel"),
    "mask_full": Code(WARNING, "a mask that holds every pixel"),
    "mask_area": Code(WARNING, "a mask that is too small or too large for lungs"),
    "mask_misplaced": Code(WARNING, "a mask whose centre is not in the middle of the image"),
    "mask_border": Code(WARNING, "a mask along much of the image's border"),
    "mask_one_sided": Code(WARNING, "a mask of one lung only"),
    "mask_swapped": Code(WARNING, "the right lung lies on the image's right: names or image are mirrored"),
    "masks_turned": Code(ERROR, "the masks fit their images only when rotated or mirrored"),
    "masks_shifted": Code(ERROR, "the masks are shifted against their images"),
    "masks_elsewhere": Code(ERROR, "many masks do not fit their images and may belong to others"),
    "mask_turned": Code(ERROR, "a mask that fits its image only when rotated or mirrored"),
    "mask_shifted": Code(ERROR, "a mask that is shifted against its image"),
    "mask_elsewhere": Code(WARNING, "a mask that does not fit its image and may belong to another"),
    "conventions_mixed": Code(
        WARNING, "masks with the heart and masks without it, or masks of several makers"
    ),
    "heart_contradicted": Code(
        WARNING, "the labels state one convention on the heart, the masks show the other"
    ),
    "heart_unknown": Code(NOTE, "it is not stated whether the lung masks run through the heart"),
    "no_masks": Code(NOTE, "no image has a mask"),
    "no_lungs": Code(NOTE, "the masks are of other things than lungs: no lungs can be trained on them"),
    # copies and leaks
    "patient_in_two_parts": Code(ERROR, "a patient in two parts of the split"),
    "image_in_two_parts": Code(ERROR, "an image in two parts of the split"),
    "copy_in_two_parts": Code(ERROR, "equal pixels in two parts of the split"),
    "copy_of_other_patient": Code(ERROR, "equal pixels under two patient ids"),
    "copy": Code(WARNING, "equal pixels under two names of one patient"),
    "near_copy_in_two_parts": Code(
        WARNING, "almost equal pictures of two patients in two parts of the split"
    ),
    "near_copy": Code(WARNING, "almost equal pictures of two patients"),
    "same_people": Code(WARNING, "two sources that seem to show the same people under different patient ids"),
    "negative_copy": Code(WARNING, "one picture is almost the negative of another: one of them is wrong"),
    # pictures
    "looks_not_frontal": Code(WARNING, "an image that does not look like a frontal chest radiograph"),
    **{name: Code(_FLAGS.get(name, WARNING), meaning) for name, meaning in FLAGS.items()},
}
