"""Messages to send: sentences in six languages, written for the project, urgent and not.

Everything follows from a seed, so that a failing run can be repeated.
"""

import json
import random

# (language, urgent, text). Urgent ones name a danger that every rule set must find; "urgent" here is
# a hint for choosing traffic, the engine decides.
SENTENCES = [
    ("en", True, "The charger caught fire in my daughter's room and she burned her hand."),
    ("en", True, "There is a strong smell of gas in the hall and nobody answers your emergency line."),
    ("en", True, "Somebody is emptying my account right now, stop these payments at once!"),
    ("en", True, "I can't go on any more, I want to kill myself because of this debt."),
    ("en", False, "You charged me twice for the same order and I want the money back."),
    ("en", False, "The parcel is a week late and the tracking page shows nothing."),
    ("en", False, "Your colleague at the desk was rude and hung up on me."),
    ("en", False, "Thank you for the quick help yesterday, everything works now."),
    ("en", False, "What are your opening hours on Saturday?"),
    ("pl", True, "Ładowarka zapaliła się w nocy i poparzyła moje dziecko."),
    ("pl", True, "Ktoś właśnie kradnie pieniądze z mojego konta, zablokujcie je natychmiast!"),
    ("pl", False, "Pobrano opłatę dwa razy, proszę o zwrot pieniędzy."),
    ("pl", False, "Paczka nie dotarła, a infolinia milczy od tygodnia."),
    ("pl", False, "Dziękuję za szybką odpowiedź, wszystko działa."),
    ("pl", False, "Czy sklep jest otwarty w niedzielę?"),
    ("sv", True, "Laddaren började brinna och min son brände sig på handen."),
    ("sv", True, "Någon tömmer mitt konto just nu, spärra kortet genast!"),
    ("sv", False, "Ni har dragit pengar två gånger och jag vill ha dem tillbaka."),
    ("sv", False, "Paketet kom aldrig fram och ingen svarar på mina mejl."),
    ("sv", False, "Tack för snabb hjälp, allt fungerar igen."),
    ("nl", True, "De oplader vloog in brand en mijn kind heeft brandwonden."),
    ("nl", True, "Iemand haalt op dit moment mijn rekening leeg, blokkeer hem direct!"),
    ("nl", False, "Er is twee keer betaald voor dezelfde bestelling, ik wil mijn geld terug."),
    ("nl", False, "Het pakket is niet geleverd en niemand belt mij terug."),
    ("nl", False, "Bedankt voor de snelle hulp, alles werkt weer."),
    ("ru", True, "Зарядка загорелась ночью, ребёнок получил ожог руки."),
    ("ru", True, "С моего счёта прямо сейчас крадут деньги, срочно заблокируйте карту!"),
    ("ru", False, "Деньги списали дважды, верните мне оплату."),
    ("ru", False, "Посылка не пришла, а на письма никто не отвечает."),
    ("ru", False, "Спасибо за быструю помощь, всё работает."),
    ("el", True, "Ο φορτιστής έπιασε φωτιά και το παιδί μου έπαθε εγκαύματα."),
    ("el", True, "Κάποιος αδειάζει τον λογαριασμό μου τώρα, μπλοκάρετε την κάρτα αμέσως!"),
    ("el", False, "Με χρεώσατε δύο φορές και θέλω τα χρήματά μου πίσω."),
    ("el", False, "Το δέμα δεν ήρθε ποτέ και κανείς δεν απαντά."),
    ("el", False, "Ευχαριστώ για τη γρήγορη βοήθεια, όλα λειτουργούν."),
]
URGENT = [sentence for sentence in SENTENCES if sentence[1]]
# Thanks and questions: what no rule of tests/kafka/rules may take for a complaint.
CALM = [sentence for sentence in SENTENCES
        if sentence[2].startswith(("Thank", "What", "Dzięk", "Czy", "Tack", "Bedankt", "Спасибо",
                                   "Ευχαριστώ"))]
COMPLAINTS = [sentence for sentence in SENTENCES if sentence not in CALM]


class Stream:
    """An endless seeded stream of messages with ids that never repeat within the stream."""

    def __init__(self, seed, prefix="m", customers=500, broken_share=0.01, sentences=SENTENCES):
        self.random = random.Random(f"{seed}/{prefix}")
        self.prefix = f"{prefix}-{seed}"
        self.customers = customers
        self.broken_share = broken_share
        self.sentences = sentences
        self.count = 0

    def next(self):
        """(id, key, value): the id stands in the value and, for broken JSON, in the key's tail."""
        self.count += 1
        message_id = f"{self.prefix}-{self.count}"
        customer = f"c{self.random.randrange(self.customers)}"
        language, _, text = self.random.choice(self.sentences)
        if self.random.random() < self.broken_share:
            return message_id, customer.encode(), b'{"id": "' + message_id.encode() + b'", "text": '
        document = {"id": message_id, "customer": customer, "text": f"{text} ({message_id})"}
        if self.random.random() < 0.5:
            document["language"] = language
        value = json.dumps(document, ensure_ascii=self.random.random() < 0.2).encode()
        return message_id, customer.encode(), value
