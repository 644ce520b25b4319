"""`python -m carbon_report` is the command `carbon-report`."""

import subprocess
import sys

from ._command import command
from ._error import CarbonReportError

if __name__ == "__main__":
    try:
        sys.exit(subprocess.call([command(), *sys.argv[1:]]))
    except CarbonReportError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
