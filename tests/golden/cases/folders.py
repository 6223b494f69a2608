"""The verbs that take a folder of radiographs, one after the other."""

WHOLE = "--model whole.safetensors"
TELLS = "--model runs/findings-2"

SEGMENT = {
    "mixed": [f"segment -i mixed -o OUT {WHOLE} -ot png,nifti,json,csv --preview --save-probabilities"],
    "dicom": [f"segment -i few -o OUT {WHOLE} -ot dicom-seg,dicom-sr,png,csv --batch-size 3"],
    "parts": [
        f"segment -i phantoms/images -o OUT {WHOLE} --num-parts 2 --part-id 1 --batch-size 2 -ot csv",
        f"segment -i phantoms/images -o OUT {WHOLE} --num-parts 2 --part-id 0 --batch-size 2 -ot csv",
    ],
    "continued": [
        f"segment -i few -o OUT {WHOLE} -ot png,csv",
        "rm OUT/chest.png",
        f"segment -i few -o OUT {WHOLE} -ot png,csv --continue",
        f"segment -i few -o OUT {WHOLE} -ot png,csv",
        f"segment -i few -o OUT {WHOLE} -ot png --continue",
    ],
    "options": [
        f"segment -i mixed/chest.png -o OUT/a {WHOLE} --no-postprocess --threshold 0.3 -q -ot png,json",
        f"segment -i mixed -o OUT/b {WHOLE} --reader dicom -ot csv -q",
        "segment -i phantoms/images/00000001_000.png -o OUT/c --model runs/lungs-1 --json --workers 2 "
        "-ot json",
    ],
    "stopped": [f"segment -i mixed -o OUT {WHOLE} --on-error stop -ot png,csv --batch-size 1"],
    "several": [
        f"segment -i few -i phantoms/images -i mixed/chest.png -o OUT/a {WHOLE} -ot csv",
        f"segment -i few -i @list.txt -i mixed/nifti -o OUT/b {WHOLE} -ot png,csv --modality any",
    ],
    "shipped": ["segment -i shipped -o OUT -ot png,json,csv"],
    "errors": [
        f"segment -i clash -o OUT/a {WHOLE}",
        f"segment -i few -o OUT/b {WHOLE} -ot png,gif",
        "segment -i few -o OUT/c --model nothing",
        f"segment -i few -o few/out {WHOLE}",
        f"segment -i few -o OUT/d {WHOLE} --device warp",
        f"segment -i few -o OUT/e {WHOLE} --part-id 3",
        "segment -i few -o OUT/f --model runs/findings-2",
        f"segment -i few -o OUT/g {WHOLE} --threshold 2",
        f"segment -i empty -o OUT/h {WHOLE}",
        f"segment -i nowhere -o OUT/i {WHOLE}",
        f"segment -i few -o OUT/j {WHOLE} --reader fils",
        "segment -i few --batch-size many",
    ],
}
CONVERT = {
    "png": ["convert mixed OUT"],
    "nifti": [
        "convert mixed OUT --format nii.gz --bits 8 --voi none --modality CR --modality DX --refuse lateral "
        "--i-accept-burned-in"
    ],
    "parts": [
        "convert mixed OUT --num-parts 2 --part-id 0",
        "convert mixed OUT --num-parts 2 --part-id 1",
        "rm OUT/dicom/spine.png",
        "convert mixed OUT --num-parts 2 --part-id 1 --continue",
        "convert mixed OUT --num-parts 2 --part-id 0 --continue --bits 8",
    ],
    "one": [
        "convert mixed/dicom/negative OUT/a.png --bits 8",
        "convert mixed/dicom/CT.dcm OUT/b.nii --modality any",
        "--verbose convert few OUT/c",
    ],
    "errors": [
        "convert mixed/dicom/CT.dcm OUT/a.png",
        "convert mixed/dicom/negative OUT/a.gif",
        "convert mixed OUT --bits 12",
        "convert mixed OUT --voi best",
        "convert mixed OUT --refuse sideways",
        "convert mixed OUT --format gif",
        "convert mixed mixed/out",
        "convert phantoms OUT/b",
        "convert nowhere OUT/c.png",
        "convert 'mixed/dicom/lateral, burned in.dcm' OUT/d.png",
    ],
}
MASKS = {
    "mean": ["masks --reader files --dataset_dir mixed --generator mean_threshold -o OUT"],
    "median": [
        "masks --reader nih_png --dataset_dir phantoms --generator median_threshold -o OUT "
        "--set 'reader#views=[\"PA\"]'"
    ],
    "errors": [
        "masks --reader files --dataset_dir few --generator median_threshold -o few/out",
        "masks --reader files --dataset_dir few --generator otsu -o OUT/a",
        "masks --reader files --dataset_dir few --generator mean_threshold -o OUT/a --set views=1",
        "masks --reader files --dataset_dir few --generator mean_threshold -o OUT/a --set reader#views=1",
        "masks --reader nih_png --dataset_dir few --generator mean_threshold -o OUT/a",
    ],
}
APPLY = {
    "convert": [
        "apply convert -i few -o OUT --set step#form=nii --modality any",
        "apply convert -i few -o OUT",
    ],
    "masks": ["apply masks -i few -o OUT --set step#generator=mean_threshold --modality CT -q"],
    "errors": [
        "apply no_such -i few -o OUT",
        "apply masks -i few -o OUT --set step#generator=otsu",
        "apply convert -i few -o OUT --set step#colour=1",
        "apply convert -i few -i few -o OUT",
        "apply convert -i @nowhere.txt -o OUT",
    ],
}
FINDINGS = {
    "files": [f"findings -i mixed -o OUT {TELLS} --batch-size 5"],
    "scored": [
        f"findings -i findings -o OUT {TELLS} --reader nih_png --boxes findings/BBox_List_2017.csv "
        "--tolerance 4 --pictures 1 --split all --seed 3"
    ],
    "parts": [
        f"findings -i findings -o OUT {TELLS} --reader nih_png --split all --batch-size 2 --num-parts 2 "
        "--part-id 0",
        f"findings -i findings -o OUT {TELLS} --reader nih_png --split all --batch-size 2 --num-parts 2 "
        "--part-id 1",
    ],
    "test_part": [f"findings -i findings -o OUT {TELLS}/best.pt --reader nih_png --json -q"],
    "cropped": ["findings -i few -o OUT --model cropped/run-3 -q"],
    "errors": [
        f"findings -i findings -o OUT/a {WHOLE} --reader nih_png",
        f"findings -i findings -o OUT/b {TELLS} --reader nih_png --boxes findings/Data_Entry_2017.csv",
        f"findings -i few -o OUT/c {TELLS} --split test",
    ],
}
EXPLAIN = {
    "cam": [f"explain -i few -o OUT {WHOLE} --raw --classes heart"],
    "grad_cam": [f"explain -i mixed/dicom -o OUT {WHOLE} --method grad-cam --raw --classes left_lung -q"],
    "classifier": [f"explain -i mixed/chest.png -o OUT {TELLS} --raw --json"],
    "sanity": [f"explain -i 'mixed/ward a' -o OUT {WHOLE} --sanity --images 1 --draws 2 --classes heart"],
    "layers": [f"explain {WHOLE} --layers", f"explain {TELLS} --layers"],
    "errors": [
        f"explain {WHOLE}",
        f"explain -i few -o OUT {WHOLE} --classes liver",
        f"explain -i few -o OUT {WHOLE} --layer hed",
        f"explain -i few -o OUT {WHOLE} --layer stem",
    ],
}
MERGE = {
    "parts": [
        f"segment -i phantoms/images -o OUT {WHOLE} --num-parts 2 --part-id 1 --batch-size 2 -ot csv -q",
        "merge OUT",
        f"segment -i phantoms/images -o OUT {WHOLE} --num-parts 2 --part-id 0 --batch-size 2 -ot csv -q",
        "rm OUT/measures.csv",
        "merge OUT",
    ],
    "errors": ["merge nowhere", "merge phantoms"],
}
FOLDERS = {
    "apply": APPLY, "merge": MERGE,
    "segment": SEGMENT, "convert": CONVERT, "masks": MASKS, "findings": FINDINGS, "explain": EXPLAIN,
}  # fmt: skip
