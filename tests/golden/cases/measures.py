"""The verbs that measure, fit and report."""

WHOLE = "--model whole.safetensors"

EVALUATE = {
    "masks": ["evaluate -o OUT --dataset_dir phantoms --masks mean_threshold --rows 3 --by sex,view"],
    "model": [f"evaluate -o OUT --dataset_dir phantoms {WHOLE} --reader nih_png --set nsd#tolerance=3"],
    "run": [
        "evaluate -o OUT/a --dataset_dir phantoms --model runs/lungs-1 --no-masks --metrics dice,hd95",
        "evaluate -o OUT/b --dataset_dir phantoms --masks median_threshold --splits runs/lungs-1/splits.json "
        "--split test --no-masks --metrics dice,hd95 --compare OUT/a --json",
    ],
    "predictions": [
        "evaluate -o OUT --dataset_dir pairs --predictions phantoms/masks --metrics iou,assd --by sex"
    ],
    "spoiled": [
        "evaluate -o OUT --dataset_dir spoiled --reader image_mask_folder --masks mean_threshold -q "
        "--metrics dice"
    ],
    "folds": ["evaluate -o OUT --dataset_dir phantoms --folds folds/a,folds/b --metrics dice --no-masks"],
    "matrix": [
        "evaluate -o OUT --datasets phantoms,pairs --models whole.safetensors,other.safetensors+"
        "whole.safetensors --metrics dice --no-masks --split all --lungs right_lung,left_lung "
        "--threshold 0.4 --no-postprocess"
    ],
    "errors": [
        f"evaluate -o OUT/a {WHOLE}",
        f"evaluate -o OUT/b --dataset_dir phantoms {WHOLE} --masks mean_threshold",
        f"evaluate -o OUT/c --dataset_dir nowhere {WHOLE}",
        f"evaluate -o OUT/d --dataset_dir phantoms {WHOLE} --split test",
        f"evaluate -o OUT/e --dataset_dir phantoms {WHOLE} --by height",
        f"evaluate -o OUT/f --dataset_dir phantoms {WHOLE} --metrics dize",
        f"evaluate -o OUT/g --dataset_dir phantoms {WHOLE} --set nsd#tolerances=3",
        f"evaluate -o OUT/h --dataset_dir phantoms {WHOLE} --lungs spleen",
        "evaluate -o OUT/i --dataset_dir phantoms --folds runs/lungs-1",
        "evaluate -o OUT/j --dataset_dir phantoms --model runs/findings-2",
    ],
}
CHECK = {
    "clean": ["check --dataset_dir phantoms --seed 1 --num_workers 1 -o OUT --column view"],
    "spoiled": [
        "check --dataset_dir spoiled --reader image_mask_folder --num_workers 1 -o OUT -q --accept copy"
    ],
    "dicom": [
        "check --dataset_dir mixed/dicom --reader dicom --num_workers 2 --json -q "
        "--set 'reader#modalities=null'"
    ],
    "splits": [
        "check --dataset_dir phantoms --reader nih_png --splits runs/lungs-1/splits.json --num_workers 1 -q"
    ],
    "errors": [
        "check --dataset_dir nowhere",
        "check --dataset_dir empty",
        "check --dataset_dir phantoms -o phantoms/out",
        "check --dataset_dir phantoms --accept nothing",
        "check --dataset_dir phantoms --seed 1 --splits runs/lungs-1/splits.json",
        "check --dataset_dir pairs --set reader#root=1",
        "check --dataset_dir pairs --splits 'blocks run/lungs-4/splits.json' --reader image_mask_folder",
    ],
}
REPORT = {
    "segmented": [
        f"segment -i few -o OUT/few {WHOLE} -ot png --preview -q",
        "report OUT/few -i few",
        "report OUT/few -o OUT/previews.html --title 'A & B' --max-images 2 -q",
        "report OUT/few --format md",
    ],
    "evaluated": [
        "evaluate -o OUT/evaluation --dataset_dir pairs --predictions phantoms/masks -q --metrics iou "
        "--by sex",
        "report OUT/evaluation --format md,csv -q --max-images 3",
    ],
    "run": [
        "cp runs/lungs-1 OUT/lungs-1",
        "report OUT/lungs-1 --format html,csv --figures OUT/figures",
    ],
    "errors": ["report nowhere", "report empty", "report runs/lungs-1 --format pdf -o OUT/a.html"],
}
CALIBRATE = {
    "run": [
        "calibrate 'blocks run/lungs-4' -o OUT/known.safetensors --name known",
        "segment -i blocks/images/block00.png -o OUT/known --model OUT/known.safetensors -ot json -q",
    ],
    "errors": [
        "calibrate runs/lungs-1 -o OUT/few.safetensors",
        "calibrate runs/lungs-1 -o OUT/a.pt",
        "calibrate nowhere -o OUT/a.safetensors",
        "calibrate runs/lungs-1 runs/findings-2 -o OUT/a.safetensors",
        "calibrate runs/findings-2 -o OUT/a.safetensors",
        "calibrate runs/lungs-1 -o whole.safetensors",
    ],
}
MEASURES = {"evaluate": EVALUATE, "check": CHECK, "report": REPORT, "calibrate": CALIBRATE}
