"""What the tests here find, counted: their last line is "N passed, N failed, N skipped".

    check("name", condition, detail)     what is wrong is printed
    skip("name", "why")
    sys.exit(checks.end())
"""
import os

MAX_DETAIL = 3000

passed = failed = skipped = 0
shows_all = False  # what held is printed, too


def check(name, condition, detail=""):
    global passed, failed
    passed, failed = (passed + 1, failed) if condition else (passed, failed + 1)
    if not condition:
        print("FAIL  %s %s" % (name, str(detail)[:MAX_DETAIL]), flush=True)
    elif shows_all:
        print("ok    %s" % name, flush=True)


def skip(name, why):
    global skipped
    skipped += 1
    print("skip  %s: %s" % (name, why), flush=True)


def write(folder, name, data):
    """A file below the folder, with its directories; its path."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def end():
    """The exit status."""
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0
