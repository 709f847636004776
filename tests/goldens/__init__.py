"""What users get from small runs of every study, scenario and limit, kept as text: a change of any number shows.

`make goldens` writes the folders beside this file; `test_goldens.py` compares. Nothing here knows the inside of the
package: runs are typed as a user types them, and read from the folder that they leave.
"""
