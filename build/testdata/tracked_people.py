"""The pipeline of TestRealHamiltonUI, tracked by Hamilton's own SDK.

Usage: python tracked_people.py API_URL PROJECT_ID USERNAME. Its last line is the id of the run.
"""
import sys
import types

import pandas as pd
from hamilton import driver
from hamilton_sdk import adapters

module = types.ModuleType("people_sdk")
sys.modules["people_sdk"] = module
exec(
    '''
import pandas as pd
def people() -> pd.DataFrame:
    """One column of each family."""
    n = range(600)
    return pd.DataFrame({
        "count": pd.Series(list(n), dtype="int64"),
        "height": pd.Series([None if i % 10 == 0 else i / 4 for i in n], dtype="float64"),
        "name": pd.Series(["name " + str(i % 7) for i in n], dtype="string"),
        "team": pd.Series(["red" if i % 3 == 0 else "blue" for i in n], dtype="category"),
        "born": pd.Series([pd.Timestamp(1_700_000_000 + i * 86_400, unit="s") for i in n]),
        "member": pd.Series([i % 4 == 0 for i in n], dtype="bool"),
    })
''',
    module.__dict__,
)
module.people = module.__dict__["people"]
url, project, user = sys.argv[1:]
module.people.__module__ = "people_sdk"
tracker = adapters.HamiltonTracker(
    project_id=int(project), username=user, dag_name="people", hamilton_api_url=url, hamilton_ui_url=url
)
dr = driver.Builder().with_modules(module).with_adapters(tracker).build()
dr.execute(["people"])
print(list(tracker.dw_run_ids.values())[0])
