"""The tables of sources left out: they show what the numbers of each image say."""

import json

import pytest

COLUMNS = ["image", "patient", "ctr", "ctr_truth", "contrast"]
ORGANS = ("lungs", "right_lung", "left_lung", "heart")


@pytest.fixture
def tables(load_benchmark):
    return load_benchmark("unseen_tables")


@pytest.fixture
def write(tmp_path):
    """A function that writes the numbers of a training: the Dice of each image, of each organ the same."""

    def write(recipe, fold, size, dice, seed=0):
        columns = [*COLUMNS, *(f"{organ}_{number}" for organ in ORGANS for number in ("dice", "hd95"))]
        rows = [
            [f"{fold}/{number}", f"patient {number}", 0.5, 0.4, number, *([value, 2.0] * len(ORGANS))]
            for number, value in enumerate(dice)
        ]
        about = {"left_out": fold, "image_size": size, "epochs": 40, "seed": seed, "commit": "0" * 40}
        name = f"{'+'.join(recipe)}-{fold}-{size}-{seed}.json"
        content = {"recipe": recipe, "columns": columns, "rows": rows, **about}
        (tmp_path / name).write_text(json.dumps(content))

    return write


def rows_of(table):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_each_size_has_its_rows(tables, write, tmp_path):
    """Seeds are averaged within a size, the larger size comes first, and the worst tenth is of each seed."""
    write(["lungs"], "jsrt", 128, [0.9] * 9 + [0.8])
    write(["lungs"], "jsrt", 128, [0.9] * 9 + [0.6], seed=1)
    write(["lungs"], "jsrt", 256, [0.95] * 10)
    write([], "jsrt", 128, [0.7] * 10)
    rows = rows_of(tables.left_out(tables.read(tmp_path), {}))
    assert [row[:5] for row in rows] == [
        ["jsrt", "10", "256", "`lungs`", "1"],
        ["jsrt", "10", "128", "`before`", "1"],
        ["jsrt", "10", "128", "`lungs`", "2"],
    ]
    assert rows[2][5].startswith("0.8800 (")  # (0.89 + 0.87) / 2
    assert rows[2][6] == "0.0141"  # the standard deviation of 0.89 and 0.87
    assert rows[2][7] == "0.7000"  # (0.8 + 0.6) / 2
    assert rows[2][-1] == "0.1000"


def test_images_whose_lungs_cover_the_heart_are_left_out_of_a_row(tables, write, tmp_path):
    """Of four images of wingspan, one is above the bound."""
    write(["lungs"], "wingspan", 256, [0.9, 0.9, 0.9, 0.1])
    rows = rows_of(tables.left_out(tables.read(tmp_path), {"wingspan/3": 0.2, "wingspan/0": 0.07}))
    assert [(row[0], row[1], row[5][:6]) for row in rows] == [
        ("wingspan", "4", "0.7000"),
        ("wingspan, heart not drawn over", "3", "0.9000"),
    ]


def test_a_change_is_compared_with_the_recipe_without_it(tables, write, tmp_path):
    """The difference is 0.1 in one source and 0 in the other; the bundle that ships is no change."""
    for fold, dice in (("jsrt", 0.8), ("wingspan", 0.7)):
        write(["sources"], fold, 128, [dice] * 4)
        write(["lungs"], fold, 128, [dice] * 4)
    write(["sources", "area"], "jsrt", 128, [0.9] * 4)
    write(["sources", "area"], "wingspan", 128, [0.7] * 4)
    rows = {row[0]: row[1:] for row in rows_of(tables.ablation(tables.read(tmp_path)))}
    assert rows["`sources+area`"][-2:] == ["+0.0500 (+0.0500 to +0.0500)", "yes"]
    assert rows["`sources+average`"][-2:] == ["not tried", ""]
    assert "`lungs`" not in rows


def test_a_recipe_is_not_compared_with_that_of_another_campaign(tables, write, tmp_path):
    """Its numbers are shown alone."""
    write(["sources"], "jsrt", 128, [0.8] * 4)
    (tmp_path / "other").mkdir()
    for fold, dice in (("jsrt", 0.6), ("wingspan", 0.5)):
        write([], fold, 128, [dice] * 4)
        (tmp_path / f"-{fold}-128-0.json").rename(tmp_path / "other" / f"{fold}.json")
    rows = {row[0]: row[1:] for row in rows_of(tables.ablation(tables.read(tmp_path)))}
    assert rows["`before`"] == ["other", "0.6000", "0.6000", "0.5000", "0.5000", "", ""]


def test_thirds_are_by_the_column(tables, write, tmp_path):
    """Six images by contrast, two in each third."""
    write(["lungs"], "openist", 256, [0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
    rows = rows_of(tables.terciles(tables.read(tmp_path), "contrast"))
    assert [(row[1], row[4], row[5]) for row in rows] == [
        ("256", "2", "0.2000"),
        ("256", "2", "0.6000"),
        ("256", "2", "0.9500"),
    ]
