"""Six small articles written for these tests, German and English, line for line; an empty line is a paragraph break."""

from __future__ import annotations

from pathlib import Path

from harness.types import Article, ArticleId, Corpus, LangPair, Segment, SegmentId

DE_EN = LangPair("de", "en")

HARVEST = """
Späte Ernte am Obersee|Late harvest on Lake Obersee

Auf den Feldern rund um den Obersee beginnt die Ernte in diesem Jahr drei Wochen später als sonst.|In the fields \
around Lake Obersee, the harvest is starting three weeks later than usual this year.
Schuld ist der Regen.|The rain is to blame.
Im Juni fielen nach Angaben des Wetterdienstes 184 Liter je Quadratmeter, fast doppelt so viel wie im Mittel.|In June, \
according to the weather service, 184 litres fell per square metre, almost twice the average.

"So etwas habe ich in 40 Jahren nicht erlebt", sagt Bäuerin Marta Lindner.|"I have not seen anything like it in 40 \
years," says farmer Marta Lindner.
Reicht das Wetter noch für den Weizen?|Will the weather hold for the wheat?
Lindner hofft auf den September, der am Obersee oft trocken und warm ist.|Lindner is counting on September, which is \
often dry and warm on Lake Obersee.
Im vergangenen Jahr hatte sie 62 Tonnen eingefahren.|Last year she brought in 62 tonnes.
""".strip()

BRIDGE = """
Neue Brücke verbindet zwei Ufer|New bridge connects two banks
Nach 7 Jahren Bauzeit ist die Fußgängerbrücke über die Alm fertig.|After 7 years of construction, the footbridge \
across the Alm is finished.
Sie ist 212 Meter lang und hat 9,4 Millionen Euro gekostet.|It is 212 metres long and cost 9.4 million euros.

Warum hat das so lange gedauert?|Why did it take so long?
Zweimal musste die Stadt die Arbeiten unterbrechen, weil im Ufersand seltene Libellen brüteten.|Twice the city had to \
stop work because rare dragonflies were breeding in the sand of the bank.
Bürgermeisterin Ines Okafor ist trotzdem zufrieden: "Besser spät als falsch!"|Mayor Ines Okafor is content all the \
same: "Better late than wrong!"
Mehr steht unter https://alm.example/bruecke.|There is more at https://alm.example/bruecke.
Am Samstag um 15 Uhr wird gefeiert.|The celebration is on Saturday at 3 pm.
""".strip()

LIBRARY = """
Bibliothek öffnet ihre Türen nachts|Library opens its doors at night
Wer nicht schlafen kann, darf ab Montag lesen.|Anyone who cannot sleep may read from Monday.
Die Stadtbibliothek in Kellingen lässt ihren großen Saal bis 2 Uhr früh geöffnet, zunächst für 12 Wochen.|The city \
library in Kellingen will keep its large hall open until 2 in the morning, for 12 weeks to begin with.

Finanziert wird der Versuch von einer Stiftung.|The trial is paid for by a foundation.
Braucht eine Kleinstadt das?|Does a small town need that?
Leiterin Sofia Brandt verweist auf eine Umfrage, in der 71 von 100 Studierenden über laute Wohnungen klagten.|Director \
Sofia Brandt points to a survey in which 71 out of 100 students complained of noisy flats.
Kaffee gibt es auch.|There is coffee, too.
""".strip()

TRAIN = """
Der Nachtzug kehrt zurück|The night train returns
Zwischen Brenn und Tolmar fährt ab Dezember wieder jede Nacht ein Zug.|From December, a train will again run every \
night between Brenn and Tolmar.
Die Fahrt dauert 11 Stunden und kostet im Liegewagen 59 Euro, im Schlafwagen 129 Euro.|The journey takes 11 hours and \
costs 59 euros in a couchette, 129 euros in a sleeping car.
Frühstück inbegriffen.|Breakfast included.

Der Betreiber Nordlinie hatte die Verbindung 2014 eingestellt, weil die Wagen zu alt waren.|The operator Nordlinie had \
closed the route in 2014 because the carriages were too old.
Kommen die Gäste nun wieder?|Will the passengers come back now?
Für die ersten beiden Wochen sind 80 Prozent der Plätze verkauft.|For the first two weeks, 80 per cent of the places \
have been sold.
""".strip()

BEES = """
Bienen auf dem Rathausdach|Bees on the roof of the town hall
Seit April leben 30.000 Bienen auf dem Dach des Rathauses von Wesslau.|Since April, 30,000 bees have lived on the roof \
of the town hall in Wesslau.
Sie gehören der Imkerin Jana Petrow, die dort keine Miete zahlt.|They belong to the beekeeper Jana Petrow, who pays no \
rent there.

Dafür bekommt jede Stadträtin und jeder Stadtrat im Herbst ein Glas Honig.|In return, every member of the council \
gets a jar of honey in autumn.
Ist das Bestechung?|Is that bribery?
"Höchstens eine süße", lacht Petrow.|"A sweet one at most," laughs Petrow.
Die Ernte wird auf 45 Kilogramm geschätzt, so viel wie im Stadtpark und auf dem Friedhof zusammen.|The harvest is put \
at 45 kilograms, as much as in the city park and the cemetery together.
""".strip()

CLOCK = """
Turmuhr geht nach 90 Jahren nach|Tower clock runs slow after 90 years
Die Uhr am Marktplatz von Hirsau zeigt seit Ostern 6 Minuten zu wenig.|The clock on the market square in Hirsau has \
been 6 minutes slow since Easter.
Niemand weiß, warum.|Nobody knows why.
Uhrmacher Emil Haas hat das Werk schon dreimal zerlegt und jedes Zahnrad mit der Lupe betrachtet.|Clockmaker Emil \
Haas has taken the movement apart three times and looked at every wheel with a magnifying glass.

Stört es die Leute?|Does it bother people?
Der Bäcker hat sein Schild geändert: "Offen ab 7 Uhr, Turmzeit."|The baker has changed his sign: \
"Open from 7, tower time."
""".strip()

TEXTS = {"bees": BEES, "bridge": BRIDGE, "clock": CLOCK, "harvest": HARVEST, "library": LIBRARY, "train": TRAIN}

Lines = list[tuple[str, str]]


def lines_of(name: str) -> Lines:
    """(source, reference) for every line; both empty at a paragraph break."""
    return [(source, reference) for source, _, reference in (line.partition("|") for line in TEXTS[name].split("\n"))]


def make_article(name: str, lines: Lines, pair: LangPair = DE_EN) -> Article:
    segments: list[Segment] = []
    paragraph = 1
    for number, (source, reference) in enumerate(lines, start=1):
        if not source:
            paragraph += 1
            continue
        segment_id = SegmentId(ArticleId(name), len(segments) + 1)
        segments.append(Segment(segment_id, number, paragraph, source, (reference,) if reference else ()))
    return Article(ArticleId(name), pair, tuple(segments))


def make_corpus(changed: dict[str, Lines] | None = None, pair: LangPair = DE_EN) -> Corpus:
    """All six articles, some of them with other lines."""
    lines = {name: lines_of(name) for name in TEXTS} | (changed or {})
    return Corpus(pair, tuple(make_article(name, lines[name], pair) for name in sorted(lines)))


def write_lines(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return path
