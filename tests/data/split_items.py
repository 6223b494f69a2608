"""Images of patients to be split."""

PARTS = ("train", "validation", "test")
# the same people, digitised twice
TWINS = [
    {"image": f"/d/{folder}/images/{n}.png", "patient": f"p{n}"}
    for folder in ("old", "new")
    for n in range(3)
]


def items_of(*counts: int) -> list[dict]:
    """As many images of each patient, patients called p0, p1, ..."""
    return [
        {"image": f"images/{patient}_{number}.png", "patient": f"p{patient}"}
        for patient, count in enumerate(counts)
        for number in range(count)
    ]


def patients(items) -> set[str]:
    return {item["patient"] for item in items}


def images(items) -> set[str]:
    return {item["image"] for item in items}
