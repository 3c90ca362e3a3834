"""Texts in the languages that were written in legacy encodings, with the encodings that each was written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_WESTERN: Final = ("cp1252", "iso8859_15")
_CENTRAL: Final = ("cp1250", "iso8859_2")
_CYRILLIC: Final = ("cp1251", "koi8_r")

_LONG: Final = (
    (
        "fr",
        _WESTERN,
        "Le maire a présenté jeudi le budget de la ville. Les dépenses d’éducation augmentent de 4 %, a-t-il précisé, "
        "et l’école élémentaire du quartier sera rénovée dès l’été. L’opposition dénonce une dette trop élevée.",
    ),
    (
        "de",
        _WESTERN,
        "Der Bürgermeister stellte am Donnerstag den Haushalt vor. Die Ausgaben für Schulen steigen um vier Prozent, "
        "und die Brücke über den Fluss wird für 12 Millionen Euro erneuert. Größere Pläne müssen warten.",
    ),
    (
        "es",
        _WESTERN,
        "El alcalde presentó el jueves el presupuesto. El gasto en educación subirá un 4 % el próximo año, según dijo, "
        "y la estación de autobuses se ampliará. ¿Quién pagará? La oposición pidió una explicación.",
    ),
    (
        "pt",
        _WESTERN,
        "A câmara apresentou na quinta-feira o orçamento. As despesas com educação vão subir quatro por cento, e a "
        "estação será renovada até ao verão. A oposição diz que a dívida não é sustentável.",
    ),
    (
        "it",
        _WESTERN,
        "Il sindaco ha presentato giovedì il bilancio della città. La spesa per le scuole salirà del quattro per "
        "cento, perché gli edifici sono vecchi. L’opposizione chiede più trasparenza: «Così non va», ha detto.",
    ),
    (
        "sv",
        _WESTERN,
        "Kommunen lade på torsdagen fram sin budget. Utgifterna för skolor ökar med fyra procent, och bron över ån ska "
        "byggas om före hösten. Oppositionen säger att skulden är för stor.",
    ),
    (
        "da",
        _WESTERN,
        "Borgmesteren fremlagde torsdag budgettet. Udgifterne til skoler stiger med fire procent, og broen over åen "
        "bliver bygget om før efteråret. Oppositionen mener, at gælden er for høj, og spørger hvorfor.",
    ),
    (
        "fi",
        _WESTERN,
        "Kaupunginjohtaja esitteli torstaina talousarvion. Koulujen menot kasvavat neljä prosenttia, ja silta "
        "korjataan ennen syksyä. Oppositio pitää velkaa liian suurena eikä hyväksy päätöstä.",
    ),
    (
        "is",
        _WESTERN,
        "Borgarstjóri kynnti fjárhagsáætlun borgarinnar á fimmtudag. Útgjöld til skóla hækka um fjögur prósent og "
        "brúin verður endurnýjuð fyrir haustið. Minnihlutinn segir að skuldirnar séu of miklar.",
    ),
    (
        "nl",
        _WESTERN,
        "De burgemeester heeft donderdag de begroting gepresenteerd. Volgens de coördinator wordt er één miljoen "
        "euro extra uitgegeven aan scholen. De oppositie noemt dat “geen goed idee” en ziet geen financiën.",
    ),
    (
        "pl",
        _CENTRAL,
        "Burmistrz przedstawił w czwartek budżet miasta. Wydatki na szkoły wzrosną o cztery procent, a most na rzece "
        "zostanie przebudowany przed jesienią. Opozycja twierdzi, że dług jest zbyt duży, i żąda wyjaśnień.",
    ),
    (
        "cs",
        _CENTRAL,
        "Starosta ve čtvrtek představil rozpočet města. Výdaje na školy vzrostou o čtyři procenta a most přes řeku "
        "bude do podzimu opraven. Opozice tvrdí, že dluh je příliš vysoký, a žádá vysvětlení.",
    ),
    (
        "sk",
        _CENTRAL,
        "Primátor vo štvrtok predstavil rozpočet mesta. Výdavky na školy vzrastú o štyri percentá a most cez rieku "
        "bude do jesene opravený. Opozícia tvrdí, že dlh je príliš vysoký, a žiada vysvetlenie.",
    ),
    (
        "hu",
        _CENTRAL,
        "A polgármester csütörtökön mutatta be a város költségvetését. Az iskolákra fordított kiadások négy "
        "százalékkal nőnek, a hidat pedig őszig felújítják. Az ellenzék szerint az adósság túl nagy.",
    ),
    (
        "hr",
        _CENTRAL,
        "Gradonačelnik je u četvrtak predstavio proračun grada. Izdaci za škole porast će četiri posto, a most preko "
        "rijeke bit će obnovljen do jeseni. Oporba tvrdi da je dug previše velik i traži objašnjenje.",
    ),
    (
        "ro",
        _CENTRAL,
        "Primarul a prezentat joi bugetul oraşului. Cheltuielile pentru şcoli cresc cu patru la sută, iar podul peste "
        "râu va fi refăcut până în toamnă. Opoziţia spune că datoria este prea mare şi cere o explicaţie.",
    ),
    (
        "ru",
        _CYRILLIC,
        "Мэр в четверг представил бюджет города. Расходы на школы вырастут на четыре процента, а мост через реку "
        "отремонтируют до осени. Оппозиция утверждает, что долг слишком велик.",
    ),
    (
        "uk",
        ("cp1251", "koi8_u"),
        "Міський голова у четвер представив бюджет міста. Видатки на школи зростуть на чотири відсотки, а міст через "
        "річку відремонтують до осені. Опозиція стверджує, що борг завеликий, і вимагає пояснень.",
    ),
    (
        "bg",
        ("cp1251",),
        "Кметът представи в четвъртък бюджета на града. Разходите за училища ще нараснат с четири процента, а мостът "
        "над реката ще бъде ремонтиран до есента. Опозицията твърди, че дългът е твърде голям.",
    ),
    (
        "el",
        ("cp1253", "iso8859_7"),
        "Ο δήμαρχος παρουσίασε την Πέμπτη τον προϋπολογισμό της πόλης. Οι δαπάνες για τα σχολεία θα αυξηθούν κατά "
        "τέσσερα τοις εκατό και η γέφυρα θα επισκευαστεί. Η αντιπολίτευση ζητά εξηγήσεις.",
    ),
    (
        "tr",
        ("cp1254",),
        "Belediye başkanı perşembe günü şehrin bütçesini açıkladı. Okul harcamaları yüzde dört artacak, nehrin "
        "üzerindeki köprü sonbahara kadar yenilenecek. Muhalefet borcun çok yüksek olduğunu söylüyor.",
    ),
    (
        "he",
        ("cp1255",),
        "ראש העיר הציג ביום חמישי את תקציב העיר. ההוצאות על בתי הספר יגדלו בארבעה אחוזים, והגשר מעל הנהר ישופץ עד "
        "הסתיו. האופוזיציה טוענת שהחוב גדול מדי.",
    ),
    (
        "ar",
        ("cp1256",),
        "قدم رئيس البلدية يوم الخميس ميزانية المدينة. سترتفع نفقات المدارس بنسبة أربعة في المئة، وسيتم تجديد الجسر "
        "قبل الخريف. وتقول المعارضة إن الدين كبير جدا.",
    ),
    (
        "lt",
        ("cp1257",),
        "Meras ketvirtadienį pristatė miesto biudžetą. Išlaidos mokykloms padidės keturiais procentais, o tiltas per "
        "upę bus sutvarkytas iki rudens. Opozicija teigia, kad skola yra per didelė, ir prašo paaiškinimų.",
    ),
    (
        "th",
        ("cp874",),
        "นายกเทศมนตรีแถลงงบประมาณของเมืองเมื่อวันพฤหัสบดี งบประมาณโรงเรียนจะเพิ่มขึ้นสี่เปอร์เซ็นต์ และสะพานข้ามแม่น้ำจะได้รับการซ่อมแซม",
    ),
    (
        "ko",
        ("cp949",),
        "시장은 목요일에 시 예산안을 발표했다. 학교 지출은 4퍼센트 늘어나고 강을 건너는 다리는 가을까지 보수된다. "
        "야당은 빚이 너무 많다며 설명을 요구했다.",
    ),
    (
        "ja",
        ("cp932", "euc_jp"),
        "市長は木曜日に市の予算を発表した。学校への支出は四パーセント増え、川にかかる橋は秋までに修理される。"
        "野党は借金が多すぎるとして説明を求めた。",
    ),
    (
        "zh",
        ("gb18030",),
        "市长周四公布了城市预算。学校支出将增加百分之四，河上的大桥将在秋天之前修好。反对派认为债务过高，要求作出解释。",
    ),
    (
        "zh-tw",
        ("big5hkscs",),
        "市長週四公布了城市預算。學校支出將增加百分之四，河上的大橋將在秋天之前修好。反對派認為債務過高，要求作出解釋。",
    ),
)
_SHORT: Final = (
    ("en", ("cp1252",), "The café owner José Muñoz said “It’s over” when the bank shut his account – after 30 years."),
    ("en", ("cp1252",), "The minister’s spokesman said the talks “went well”. Trade fell by 4 % in May."),
    ("en", ("cp1252",), "Angela Müller opened the museum in Göttingen. It counted 9,100 visitors in May."),
    ("en", ("cp1252",), "The toll costs £4 and the ferry €12. Nobody has to pay at night."),
    ("en", ("cp1252",), "It was 31 °C in Málaga on Sunday. The beaches were full."),
    ("en", ("cp1252",), "François Lefèvre won the race in Besançon. His brother came second."),
    ("en", ("cp1252",), "Søren Kjær leads the harbour of Århus. Its cranes are from 1998."),
    ("en", ("cp1252",), "São Paulo raised fares by 50 centavos. João Magalhães opposed it."),
    ("en", ("cp1250",), "The Škoda plant spent 2 billion korunas. The director Jiří Dvořák called it “the future”."),
    ("en", ("cp1250",), "Lech Wałęsa spoke in Gdańsk on Monday. The hall of the shipyard was full."),
    ("en", ("cp1250",), "The mayor of Győr, Zsolt Erdős, resigned. His deputy takes over in June."),
    ("en", ("cp1250",), "The bridge in Brčko was closed on Friday. Mayor Dragan Đurić opened a detour."),
    ("en", ("cp1250",), "Łódź has 670,000 inhabitants. The tram in Łódź is the oldest in the country."),
    ("en", ("cp1254",), "Recep Yıldız runs the port of İzmir. He met Mayor Ayşe Doğan on Tuesday."),
    ("en", ("cp949",), "The ferry to Tsushima (쓰시마) carried 410,000 passengers in 2024. It will be replaced."),
    ("en", ("cp949",), "Kim Min-su (김민수) heads the port of Busan. It handled 22 million containers."),
    ("en", ("cp932",), "The shop in Kobe (神戸) sold pearls for 90 years. Its owner is 88 years old."),
    ("en", ("cp932",), "Haruki Sato (佐藤春樹) wrote トンネル in 1998. It sold 2 million copies."),
    ("en", ("gb18030",), "The factory in Shenzhen (深圳) makes 4,000 buses a year. Li Wei (李伟) runs it."),
    ("en", ("big5hkscs",), "The night market in Tainan (臺南) reopened on Friday. Lin Mei (林美) sells noodles there."),
    ("en", ("cp1251",), "The plant in Tolyatti (Тольятти) built 300,000 cars. Its head is Ivan Petrov (Иван Петров)."),
    ("en", ("cp1253",), "The ferry to Naxos (Νάξος) was late. Its captain is Nikos Pappas (Νίκος Παππάς)."),
    ("de", ("cp1252",), "Die Straße ist gesperrt."),
    ("fr", ("cp1252",), "Le maire est élu."),
    ("es", ("cp1252",), "El niño ganó."),
    ("pl", ("cp1250",), "Żółw idzie powoli."),
    ("cs", ("cp1250",), "Most je zavřený."),
    ("hu", ("cp1250",), "A híd zárva van."),
    ("ru", ("cp1251",), "Мост закрыт."),
    ("ko", ("cp949",), "다리가 닫혔다."),
    ("ja", ("cp932",), "橋は閉まっている。"),
    ("zh", ("gb18030",), "大桥已经关闭。"),
    ("el", ("cp1253",), "Η γέφυρα έκλεισε."),
    ("tr", ("cp1254",), "Köprü kapalı, ışık yok."),
)  # fmt: skip


@dataclass(frozen=True)
class LegacyText:
    """A text, and the encoding that its bytes are in."""

    language: str
    encoding: str
    length: str
    """How much text there is: "whole" for a paragraph, "first" for its first sentence, "long", or "short"."""
    text: str

    @property
    def content(self) -> bytes:
        """The bytes of the text; characters that the encoding does not have are left out."""
        return self.text.encode(self.encoding, "ignore")

    @property
    def expected(self) -> str:
        """The text as the bytes have it."""
        return self.content.decode(self.encoding)


def legacy_texts() -> Iterator[LegacyText]:
    """Yield every text in each of its encodings and lengths."""
    for language, encodings, text in _LONG:
        for encoding in encodings:
            yield LegacyText(language, encoding, "long", "\n\n".join([text] * 12))
            yield LegacyText(language, encoding, "whole", text)
            yield LegacyText(language, encoding, "first", text.replace("。", ". ").split(". ")[0])
    for language, encodings, text in _SHORT:
        for encoding in encodings:
            yield LegacyText(language, encoding, "short", text)
