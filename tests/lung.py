"""survival::lung, in the order of the data: days, d(ied) or a(live), m or f, ph.ecog."""

from __future__ import annotations

from datetime import date, timedelta

TEXT = """
306dm1 455dm0 1010am0 210dm1 883dm0 1022am1 310df2 361df2 218dm1 166dm2 170dm1 654df2 728df1 71dmx
567dm1 144dm1 613dm1 707dm2 61df2 88dm1 301dm1 81df0 624dm1 371dm0 394dm0 520df1 574dm0 118dm3
390dm1 12dm2 473df1 26dm2 533dm2 107df2 53dm2 122df2 814dm2 965af1 93dm2 731df1 460dm1 153df2
433df0 145df2 583dm1 95df2 303dm0 519dm1 643dm0 765df1 735df1 189dm0 53dm0 246dm0 689dm1 65dm0
5df0 132dm2 687df1 345df1 444df2 223dm1 175dm1 60df1 163dm1 65dm2 208df2 821af0 428dm0 230dm1
840am0 305df1 11dm2 132dm1 226df1 426df1 705df0 363df1 11dm0 176dm0 791dm0 95dm1 196am1 167df1
806am1 284dm1 641df1 147dm0 740af1 163dm2 655dm0 239dm1 88dm1 245df1 588af0 30dm2 179dm1 310dm1
477dm1 166df0 559af0 450df1 364dm1 107dm1 177dm2 156dm1 529af1 11dm1 429dm1 351df2 15dm0 181dm1
283dm1 201df0 524df1 13dm2 212dm2 524dm2 288dm2 363dm1 442dm0 199df2 550df1 54dm2 558dm0 207dm1
92dm1 60dm1 551af2 543af0 293df1 202dm1 353dm0 511af1 267dm0 511af2 371df1 387dm2 457dm1 337dm0
201df2 404am1 222dm2 62df1 458am1 356af1 353dm0 163dm1 31dm0 340df0 229dm1 444am0 315af0 182df1
156dm2 329dm2 364af1 291dm2 179dm1 376af1 384af0 268df1 292am2 142dm1 413am1 266af0 194df1 320dm0
181dm1 285dm0 301am1 348df0 197dm1 382af0 303am1 296af1 180dm2 186df1 145df1 269af0 300am0 284am0
350df0 272af1 292af0 332af0 285df2 259am0 110dm1 286dm0 270dm1 81dm2 131dm1 225am1 269dm1 225am0
243af1 279am1 276af0 135dm1 79df1 59dm1 240af0 202af0 235af0 105dm2 224af0 239df2 237am1 173af1
252af0 221am1 185am1 92af2 13dm1 222am1 192af1 183dm2 211af2 175af0 197am1 203af1 116dm1 188am1
191am0 105af2 174am1 177af1
"""
ROWS = TEXT.split()
DAYS = [int(row[:-3]) for row in ROWS]
DIED = [row[-3] == "d" for row in ROWS]
SEX = [row[-2] for row in ROWS]
ECOG = [row[-1] for row in ROWS]

START = date(2010, 1, 1)


def source() -> dict[str, str]:
    """Return these patients as a source: all operated on the same day, ph.ecog as centre."""
    people, levels = (
        ["patient_id,sex,died_on,last_seen_on"],
        ["procedure_id,patient_id,operated_on,level,centre"],
    )
    for number, row in enumerate(zip(DAYS, DIED, SEX, ECOG, strict=True)):
        days, died, sex, ecog = row
        end = (START + timedelta(days=days)).isoformat()
        people.append(f"N{number},{sex.upper()},{f'{end},' if died else f',{end}'}")
        levels.append(f"K{number},N{number},{START},L1,{'' if ecog == 'x' else ecog}")
    return {
        "source.toml": "data_date = 2014-01-01\n",
        "patients.csv": "\n".join(people) + "\n",
        "procedures.csv": "\n".join(levels) + "\n",
    }
