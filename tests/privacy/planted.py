"""Files of every kind that is read, a canary wherever a name can stand; each maker gives its canaries."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt
import pydicom
from canaries import canary, date, uid
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

SIDE = 64
TEXTS = (
    "PatientName", "PatientID", "OtherPatientNames", "PatientAddress", "PatientComments",
    "PatientMotherBirthName", "MilitaryRank", "EthnicGroup", "Occupation", "AccessionNumber", "StudyID",
    "StudyDescription", "SeriesDescription", "ProtocolName", "InstitutionName", "InstitutionAddress",
    "InstitutionalDepartmentName", "StationName", "ReferringPhysicianName", "OperatorsName",
    "PerformingPhysicianName", "NameOfPhysiciansReadingStudy", "DeviceSerialNumber", "DetectorID",
    "ImageComments", "DerivationDescription", "WindowCenterWidthExplanation", "BodyPartExamined",
    "AcquisitionDeviceProcessingDescription", "RequestedProcedureDescription", "AdmissionID",
)  # fmt: skip
DATES = ("PatientBirthDate", "StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
UIDS = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
META = ("SourceApplicationEntityTitle", "ImplementationVersionName")
MEANING = "ViewCodeMeaning"
BLOCK = 0x1011


def picture(number: int = 0) -> npt.NDArray[np.uint8]:
    """(64, 64) a frontal chest of blocks: dense with two dark lungs and some noise."""
    noise = np.random.default_rng(number).integers(0, 20, (SIDE, SIDE))
    image = np.where(lungs(), 40, 200) + noise
    return image.astype(np.uint8)


def lungs() -> npt.NDArray[np.bool_]:
    """(64, 64) where the lungs of `picture` are."""
    mask = np.zeros((SIDE, SIDE), bool)
    mask[16:48, 8:26] = mask[16:48, 38:56] = True
    return mask


def dicom(path: Path, number: int = 0) -> list[str]:
    """A DX file; also private elements, sequences, the preamble and the file's own header."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    for keyword in META:
        setattr(dataset.file_meta, keyword, canary(keyword))
    for keyword in UIDS:
        setattr(dataset, keyword, uid(keyword))
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    for keyword in TEXTS:
        setattr(dataset, keyword, canary(keyword))
    dataset.PatientName = f"{canary('PatientName')}^{number}"
    dataset.PatientID = f"{canary('PatientID')}{number}"
    for keyword in DATES:
        setattr(dataset, keyword, date(keyword))
    private = dataset.private_block(BLOCK, canary("creator"), create=True)
    private.add_new(0x01, "LO", canary("private"))
    private.add_new(0x02, "UN", canary("unknown").encode())
    inner = Dataset()
    inner.RequestedProcedureID = canary("sequence")
    inner.PatientName = canary("nested name")
    private.add_new(0x03, "SQ", Sequence([inner]))
    dataset.RequestAttributesSequence = Sequence([inner])
    view = Dataset()
    view.CodeValue, view.CodingSchemeDesignator, view.CodeMeaning = "R-10206", "SRT", canary(MEANING)
    dataset.ViewCodeSequence = Sequence([view])
    dataset.Modality, dataset.ViewPosition = "DX", "PA"
    dataset.PatientAge, dataset.PatientSex = "044Y", "F"
    image = picture(number)
    dataset.Rows, dataset.Columns = image.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.WindowCenter, dataset.WindowWidth, dataset.VOILUTFunction = 128, 256, "LINEAR"
    dataset.PixelData = image.tobytes()
    dataset.preamble = canary("preamble").encode().ljust(128, b"\0")
    dataset.save_as(path, enforce_file_format=True)
    trailer = b"\xfc\xff\xfc\xffOB\0\0\x0c\0\0\0" + canary("trailer").encode()  # (FFFC,FFFC)
    path.write_bytes(path.read_bytes() + trailer)
    texts = [*TEXTS, *META, MEANING, "creator", "private", "unknown", "sequence", "nested name", "preamble"]
    return [*map(canary, texts), canary("trailer"), *map(date, DATES), *map(uid, UIDS)]


def png(path: Path, number: int = 0) -> list[str]:
    """All kinds of text chunk, EXIF, XMP, and bytes behind the end."""
    info = PngInfo()
    info.add_text("Author", canary("tEXt"))
    info.add_text("Comment", canary("zTXt"), zip=True)
    info.add_itxt("Title", canary("iTXt"))
    info.add_itxt("Description", canary("zipped iTXt"), zip=True)
    info.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta><dc:creator>{canary('XMP')}</dc:creator></x:xmpmeta>")
    info.add_text(canary("keyword"), "a")
    exif = Image.Exif()
    exif[270], exif[315] = canary("EXIF description"), canary("EXIF artist")
    Image.fromarray(picture(number)).save(path, pnginfo=info, exif=exif)
    path.write_bytes(path.read_bytes() + canary("behind IEND").encode())
    places = ("tEXt", "zTXt", "iTXt", "zipped iTXt", "XMP", "keyword")
    return [*map(canary, places), *map(canary, ("EXIF description", "EXIF artist", "behind IEND"))]


def jpeg(path: Path, number: int = 0) -> list[str]:
    """Comment, EXIF and XMP."""
    exif = Image.Exif()
    exif[270] = canary("JPEG EXIF")
    xmp = f"<x:xmpmeta>{canary('JPEG XMP')}</x:xmpmeta>".encode()
    comment = canary("JPEG comment")
    Image.fromarray(picture(number)).save(path, "JPEG", comment=comment, exif=exif, xmp=xmp, quality=95)
    return [comment, canary("JPEG EXIF"), canary("JPEG XMP")]


def nifti(path: Path, number: int = 0) -> list[str]:
    """The texts of the header, and an extension."""
    image = nib.Nifti1Image(picture(number).T, np.diag([-0.2, -0.2, 1, 1]))
    for field in ("descrip", "aux_file", "intent_name", "db_name"):
        image.header[field] = canary(field).encode()
    image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", canary("extension").encode()))
    nib.save(image, path)
    return [*map(canary, ("descrip", "aux_file", "intent_name", "db_name", "extension"))]


MAKERS = {"a.dcm": dicom, "b.png": png, "c.jpg": jpeg, "d.nii": nifti, "e.nii.gz": nifti}


def data_set(folder: Path, pairs: int = 8) -> set[str]:
    """Images of all kinds with masks and a manifest, in the layout of `image_mask_folder`."""
    words = set()
    for sub in ("images", "masks"):
        (folder / sub).mkdir(parents=True)
    rows = [f"stem,patient,{canary('column')}"]
    for number in range(pairs):
        suffix, make = list(MAKERS.items())[number % len(MAKERS)]
        stem = f"{number}{suffix[0]}"
        words |= set(make(folder / "images" / (stem + suffix[1:]), number))
        info = PngInfo()
        info.add_text("Author", canary("mask's tEXt"))
        Image.fromarray(lungs().astype(np.uint8) * 255).save(folder / "masks" / f"{stem}.png", pnginfo=info)
        rows.append(f"{stem},{canary('patient key')}{number},{canary('cell')}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    return words | set(map(canary, ("mask's tEXt", "column", "cell", "patient key")))
