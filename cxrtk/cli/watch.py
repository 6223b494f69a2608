"""`cxrtk watch`: segmentation of studies as they arrive, for a hospital."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.remote import CaFile, Credentials, require_extra
from cxrtk.cli.walk import ANY
from cxrtk.errors import ConfigError
from cxrtk.models import DEFAULT

if TYPE_CHECKING:
    from cxrtk.watch.state import Study

SOME_GIVEN_UP = 3  # exit code
HIGHEST_PORT = 65_535
MOST_DAYS = 36_500
MOST_ATTEMPTS = 1000


def watch(
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="Folder that records what was done.")],
    source: Annotated[
        str | None,
        typer.Option("--input", "-i", metavar="DIR|URL", help="Folder or DICOMweb server to watch."),
    ] = None,
    listen: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=1,
            max=HIGHEST_PORT,
            help="Listen on this port as a DICOM node that receives studies.",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="URL|NODE|DIR",
            help="Destination of SEG and SR: a DICOMweb server, dicom://AET@HOST:PORT, or a folder.",
        ),
    ] = None,
    aet: Annotated[str, typer.Option(help="AE title of this DICOM node.")] = "CXRTK",
    bind: Annotated[str, typer.Option(help="Address for --listen; 0.0.0.0 for all networks.")] = "127.0.0.1",
    peers: Annotated[
        list[str] | None,
        typer.Option(
            "--peer",
            metavar="AET[@IP]",
            help="DICOM node that is allowed to send. Repeatable. [default: any]",
        ),
    ] = None,
    quiet_for: Annotated[
        float,
        typer.Option(
            min=0, max=shared.LONGEST_SECONDS, help="Seconds without change before a study is processed."
        ),
    ] = 60.0,
    every: Annotated[
        float, typer.Option(min=0.1, max=shared.LONGEST_SECONDS, help="Seconds between two polls.")
    ] = 10.0,
    days: Annotated[
        int,
        typer.Option(
            min=0,
            max=MOST_DAYS,
            help="Number of days before today from which studies are requested from a server.",
        ),
    ] = 1,
    attempts: Annotated[
        int, typer.Option(min=1, max=MOST_ATTEMPTS, help="Failed attempts after which a study is given up.")
    ] = 8,
    model: shared.ModelName = DEFAULT,
    device: shared.Device = "cpu",
    backend: shared.Backend = shared.BackendName.auto,
    precision: shared.Precision = shared.PrecisionName.auto,
    modality: shared.Modality = None,
    credentials: Credentials = None,
    ca_file: CaFile = None,
    once: Annotated[bool, typer.Option("--once", help="Exit when nothing is left to do.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only list the studies and their status.")] = False,
    again: Annotated[
        bool, typer.Option("--retry", help="Only schedule studies that were given up for another attempt.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Segment incoming studies, and store the results as SEG and SR.

    Processes a study once no new images arrive, and each image once per model and version. Failures are
    retried at increasing intervals. Ctrl-C or SIGTERM stops the watch, and the same command continues it,
    even after a kill.
    """
    require_extra()
    if listed or again:
        look(state, again=again, as_json=json)
        return
    if store is None or (source is None) == (listen is None):
        raise ConfigError(
            "Give the source of the studies with --input or --listen, and the destination of the "
            "results with --store."
        )
    if listen is not None and once:
        raise ConfigError("--once would end before anything is sent to --listen; leave one of them out.")
    if peers and listen is None:
        raise ConfigError("--peer restricts who may send to --listen: add --listen.")
    from cxrtk.dicomweb.credentials import Keyring
    from cxrtk.dicomweb.servers import Servers
    from cxrtk.dicomweb.session import Patience
    from cxrtk.process.device import check_device
    from cxrtk.watch.loop import Pace
    from cxrtk.watch.running import Listening, Watching, source_of, target_of
    from cxrtk.watch.segmenting import Segmenting

    check_device(device)
    servers = Servers(Keyring(credentials, ca_file), Patience(attempts=3))
    modalities = None if ANY in (modality or ()) else modality or []
    origin = None if source is None else source_of(source, servers, days, modalities)
    target = target_of(store, servers, aet)
    listening = None if listen is None else Listening(listen, bind, aet, peers or ()).checked()
    arguments = {"model": model, "device": device, "backend": backend.value, "precision": precision.value}

    def tell(text: str) -> None:
        if not quiet:
            print(text, file=sys.stderr, flush=True)

    segmenting = Segmenting(arguments, modalities)
    watching = Watching(state, origin, target, segmenting, Pace(quiet_for, attempts), listening, tell)
    if watching.run(every, once=once):
        raise typer.Exit(SOME_GIVEN_UP)


def look(folder: Path, *, again: bool, as_json: bool) -> None:
    """Print the studies of a state, after those that were given up are taken up again, if they are to be."""
    from cxrtk.cli.tables import print_json, print_table
    from cxrtk.watch.running import existing

    with existing(folder) as state:
        if again:
            print(f"Studies scheduled for another attempt: {state.take_up_again()}.", file=sys.stderr)
        studies = list(state.every())
    rows = [row_of(study) for study in studies]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows, list(rows[0]))


def row_of(study: Study) -> dict[str, str]:
    """One line of the list."""
    from datetime import datetime

    due = datetime.fromtimestamp(study.due).isoformat(timespec="seconds") if study.due else ""
    waits = study.status in ("waiting", "segmented")
    return {
        "study": study.uid,
        "status": study.status,
        "attempts": str(study.attempts),
        "next": due if waits else "",
        "reason": study.reason,
    }
