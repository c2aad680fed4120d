#!/bin/sh
# make_venv.sh DIR: a virtual environment in DIR, unless one that fits is there.
#
# It is made with $PYTHON, or else python3, or else the newest Python that fits. In sh, so that there
# is a sentence even where there is no Python.
set -u
dir=$1

# Ends with what keeps a Python from serving, if anything does. Python 2 must understand it too.
check='
import importlib, sys
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    sys.exit("is Python %d.%d" % sys.version_info[:2])
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        sys.exit("has no venv")
'

"$dir/bin/python" -c "$check" pip 2>/dev/null && exit

found=
for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  # Each is run: the commands that pyenv puts on the path may do nothing but print an error.
  # Debian has ensurepip, which venv needs, in a package of its own.
  flaw=$("$python" -c "$check" venv ensurepip 2>&1)
  case $? in
    0)
      echo "Making $dir with $python"
      exec "$python" -m venv --clear "$dir"
      ;;
    127) ;; # no such command
    *) found="$found${found:+, }$python $flaw" ;;
  esac
done
echo "There is no Python from 3.11 to 3.14 with venv here (found: ${found:-none}); install one, on" \
  "Debian or Ubuntu with: apt-get install python3 python3-venv; or name one: make PYTHON=..." >&2
exit 1
