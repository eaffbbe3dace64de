#include "classify/language/language_words.h"

const struct language_words language_words[] = {
    {LANGUAGE_EN,
     "the and you your that this with have has had not are was were been will would could should "
     "can cannot cant dont didnt doesnt wont isnt wasnt what when where which who why how from "
     "they "
     "them their there here she his her its our ours my mine me we us he it is to of at on by or "
     "but "
     "if so as be do does did done just very still after before because again never ever about "
     "than "
     "then out up off over only no yes any some all more most much many other another get got "
     "going "
     "im ive youre thanks thank please hello hi help want need back time still day days week order "
     "refund service customer money good great bad worst delivery an in for account call "
     "called phone card now today works working love nice like one new am being into same here "
     "only too why door"},
    {LANGUAGE_PL,
     "nie sie jest na do ze to co jak ale czy juz tak za od po dla przez przy bez pod nad oraz "
     "albo "
     "lub bo gdy gdzie kiedy ktory ktora ktore tego tej ten ta te tym tych jego jej ich mi mnie "
     "mam "
     "masz ma maja moj moja moje nas nam wam was pan pani panstwo byl byla bylo byly beda bedzie "
     "jestem sa tylko jeszcze bardzo dobrze zle tez takze wiec jednak zawsze nigdy nic cos ktos "
     "wszystko wszyscy teraz potem dzis dzisiaj wczoraj dni dzien godziny razy raz prosze dziekuje "
     "polecam sklep zwrot paczka lekarz wizyta kontakt obsluga telefon firma firmy moze "
     "mozna trzeba zostal zostala musze chce wiem powinno przed sprzet towar z w i o u a dobry "
     "dobra "
     "super"},
    {LANGUAGE_SV,
     "och att det inte jag har med som till den de ett en av pa for var vad nar hur men om eller "
     "fran "
     "kan ska skulle vill fick far hade blev bli blir vara varit ar mig mina min mitt dig din ditt "
     "du "
     "han hon vi ni dem sig sin sitt nu aven bara mycket mer alla allt ingen inget inga nagon "
     "nagot "
     "nagra ocksa efter innan under over utan mot mellan igen redan aldrig alltid bra dalig daligt "
     "tack hej kund kunder pengar foretag frakt leverans varor vara dagar vecka veckor idag igar "
     "sedan darfor eftersom dock val samma forsta gang ganger alls ringde svar jatte sa man gor "
     "kommer kom fungerar helt handla hemsida paket in ut upp er detta dessa denna"},
    {LANGUAGE_NL,
     "het een de en van ik je dat niet die is zijn was met voor op aan er maar om ook als bij nog "
     "uit "
     "naar dan wel geen hij zij ze wij we jullie mijn zijn haar hun ons onze deze dit daar hier "
     "wat "
     "wie waar wanneer hoe waarom omdat heb hebt heeft hebben had hadden wordt worden werd kan "
     "kunnen "
     "kon moet moeten zal zou zullen wil willen gaan gaat ging doen doet niets niks iets alles "
     "alle "
     "altijd nooit weer al zo zeer heel erg goed slecht veel meer meest eten besteld "
     "bezorgd bezorger lekker warm koud geld bank klant rekening dagen dag week uur keer terug nu "
     "vandaag gisteren na te over door tot of dus toch echt graag dank bedankt mij me u uw ben "
     "bent"},
    {LANGUAGE_RU,
     "и в не на я что с по это как но из у за от все так же для к мы вы он она они бы то только "
     "уже "
     "ещё еще был была было были есть нет да или если когда где кто чтобы меня мне мой моя мои нам "
     "нас вас вам его её ее их этот эта эти этого того очень можно нужно надо просто потому после "
     "перед через без при под более сейчас теперь потом сегодня вчера раз год банк деньги связь "
     "много там тут "
     "интернет карта спасибо работает звонил сказали чем тоже даже вот ни до о со во ко"},
    {FOREIGN_FRENCH,
     "le la les des une du et est pas que qui pour dans sur avec vous nous je il elle ils mon ma "
     "mes "
     "votre vos leur sont ete etre avoir fait tres plus mais ou donc car ne au aux ce cette ces "
     "son "
     "sa ses se en un par tout tous bien merci bonjour client service compte banque apres depuis "
     "toujours jamais rien chez sans encore comme aussi quand meme suis ai ont etait faire peut si "
     "deux jours mois leurs notre cela c d l j n s qu facile simple rapide frais site y a"},
    {FOREIGN_GERMAN, "der die das und ist nicht ich sie es ein eine einen mit auf fur von zu den "
                     "dem des im sich auch "
                     "wie wir ihr aber oder wenn dass bei nach noch nur sehr mehr wurde werden "
                     "habe haben hat war sind "
                     "kann mein meine keine kein alles immer wieder schon uber bis durch vor aus "
                     "am zum zur ihre man "
                     "als was danke bitte gut schlecht leider kunde geld in an um so da"},
    {FOREIGN_SPANISH,
     "el la los las de que y en un una por con no para es se lo su al del como mas pero muy ya "
     "este "
     "esta esto son fue ha han hay yo mi me te le les nos sin sobre todo todos cuando donde porque "
     "gracias hola buen bueno malo dinero servicio tengo tiene puede desde hasta nada siempre "
     "nunca "
     "o a"},
    {FOREIGN_ITALIAN,
     "il lo la gli le di che e un una per con non sono si da del della dei delle nel alla al ho ha "
     "hanno mi ti ci vi ma come piu molto tutto tutti anche questo questa quando dove perche "
     "grazie "
     "ciao buono soldi servizio stato stata essere fatto sempre mai dopo senza i o a in"},
    {FOREIGN_PORTUGUESE,
     "o os as de que e em um uma por com nao para se do da dos das no na nos nas ao mais mas muito "
     "ja "
     "este esta isso sao foi tem ha eu meu minha voce seu sua quando onde porque obrigado ola bom "
     "dinheiro servico tenho pode desde ate nada sempre nunca estou a"},
    {FOREIGN_DANISH,
     "og jeg ikke det er af pa til med en et den de som har var men om eller fra kan skal skulle "
     "vil "
     "fik hvad hvor nar hvorfor meget mere alle alt ingen intet noget nogen ogsa efter uden igen "
     "aldrig altid god darlig tak hej kunde penge dage uge uger blev blive bliver vaere vaeret mig "
     "min "
     "mit dig din dit du han hun vi i der at for over under"},
    {FOREIGN_CZECH,
     "a se na je to ze v do s z ale jsem jsme jsou byl byla bylo nebo jak pro za po od pri jen uz "
     "jeste "
     "tak take kdyz kde kdo co proc protoze velmi mi me muj moje nas vas nam vam jeho jeji jejich "
     "dekuji prosim dobry spatny penize neni nebyl nic vse vsechno ktery ktera ktere si som sme su "
     "ako "
     "bol bola uz"},
    {FOREIGN_FINNISH,
     "ja on ei se etta en oli ole olen mutta kun niin myos tai jos mita missa miksi kuinka hyva "
     "huono "
     "kiitos hei paljon kaikki mitaan aina koskaan taas viela nyt sitten minun sinun meidan heidan "
     "mina sina han me te he joka jotka tama tuo ovat vain"},
    {FOREIGN_UKRAINIAN,
     "і в не на я що з по це як але із у за від все так ж для до ми ви він вона вони би то тільки "
     "вже "
     "ще був була було були є немає та або якщо коли де хто щоб мене мені мій моя нам нас вас дуже "
     "можна треба просто тому після перед через без при під зараз тепер потім сьогодні вчора "
     "дякую"},
    {FOREIGN_BULGARIAN, "и в не на аз че с по това как но от за да се е са съм си ще ги го му ми "
                        "ни ви те той тя те беше "
                        "има няма или ако когато къде кой защо много още вече само след преди без "
                        "при под над сега днес "
                        "вчера пари много които което която бил била"},
    {TYPED_GREEK, "kai ke den dn mhn min na tha einai ine eimai hmoun imoun htan itan apo gia gi "
                  "me se tou tous twn ton tis "
                  "ths thn tin tn sth sti stin sthn stis sto ston stous sta mou mas sas to ta ti "
                  "oti otan an alla omws omos "
                  "pou pws pos poy opws opos edw edo ekei exw exo echo exei echei exoun echoun "
                  "eixa eicha kanw kano kanei "
                  "kanoun kanena kanenas kaneis kanis kamia tipota ola oli oloi poly poli polu "
                  "para meta prin mexri mechri "
                  "mia ena enas dyo duo treis hmera imera mera meres wra ora wres ores lefta "
                  "xrhmata xrimata chrimata "
                  "xronia chronia parakalw parakalo afto auto auth afti auta "
                  "afta aytoi ston mono akoma akomh "
                  "tora twra pali pote hdh idi logo meros ektos htane itane aystou"},
    {TYPED_RUSSIAN, "i v ne na ya ja chto shto s po eto e kak no iz u za ot vse vsyo vsjo tak zhe "
                    "dlya dlja k my vy on ona oni "
                    "by to tolko tol uzhe eshche esche eshe eshhe byl byla bylo byli est net da "
                    "ili esli kogda gde kto chtoby "
                    "menya menja mne moj moy moya moja moi nam nas vas vam ego yego eyo ih ix jego "
                    "etot eta eti etogo togo "
                    "ochen mozhno nuzhno nado prosto potomu posle pered cherez bez pri pod bolee "
                    "sejchas seychas seichas teper "
                    "potom segodnya vchera raz god dengi svyaz svjaz karta spasibo rabotaet zvonil "
                    "skazali chem tozhe dazhe vot "
                    "ni do o so vo ko dnya dnej dney nedelyu nedeli mesyac nikto nichego net"},
};
const uint32_t language_words_count = sizeof language_words / sizeof language_words[0];

#define BIT(language) (1u << (language))

const struct language_letter language_letters[] = {
    {0x0105, BIT(LANGUAGE_PL)},                                              /* ą */
    {0x0107, BIT(LANGUAGE_PL)},                                              /* ć */
    {0x0119, BIT(LANGUAGE_PL)},                                              /* ę */
    {0x0142, BIT(LANGUAGE_PL)},                                              /* ł */
    {0x0144, BIT(LANGUAGE_PL)},                                              /* ń */
    {0x015b, BIT(LANGUAGE_PL)},                                              /* ś */
    {0x017a, BIT(LANGUAGE_PL)},                                              /* ź */
    {0x017c, BIT(LANGUAGE_PL)},                                              /* ż */
    {0x00f3, BIT(LANGUAGE_PL) | BIT(FOREIGN_SPANISH)},                       /* ó */
    {0x00e5, BIT(LANGUAGE_SV) | BIT(FOREIGN_DANISH)},                        /* å */
    {0x00e4, BIT(LANGUAGE_SV) | BIT(FOREIGN_GERMAN) | BIT(FOREIGN_FINNISH)}, /* ä */
    {0x00f6, BIT(LANGUAGE_SV) | BIT(FOREIGN_GERMAN) | BIT(FOREIGN_FINNISH)}, /* ö */
    {0x00e6, BIT(FOREIGN_DANISH)},                                           /* æ */
    {0x00f8, BIT(FOREIGN_DANISH)},                                           /* ø */
    {0x00df, BIT(FOREIGN_GERMAN)},                                           /* ß */
    {0x00fc, BIT(FOREIGN_GERMAN)},                                           /* ü */
    {0x00eb, BIT(LANGUAGE_NL)},                                              /* ë */
    {0x00ef, BIT(LANGUAGE_NL) | BIT(FOREIGN_FRENCH)},                        /* ï */
    {0x00e0, BIT(FOREIGN_FRENCH) | BIT(FOREIGN_ITALIAN)},                    /* à */
    {0x00e8, BIT(FOREIGN_FRENCH) | BIT(FOREIGN_ITALIAN)},                    /* è */
    {0x00e9, BIT(FOREIGN_FRENCH) | BIT(FOREIGN_SPANISH)},                    /* é */
    {0x00ea, BIT(FOREIGN_FRENCH) | BIT(FOREIGN_PORTUGUESE)},                 /* ê */
    {0x00e7, BIT(FOREIGN_FRENCH) | BIT(FOREIGN_PORTUGUESE)},                 /* ç */
    {0x00f4, BIT(FOREIGN_FRENCH)},                                           /* ô */
    {0x00fb, BIT(FOREIGN_FRENCH)},                                           /* û */
    {0x00f1, BIT(FOREIGN_SPANISH)},                                          /* ñ */
    {0x00ed, BIT(FOREIGN_SPANISH) | BIT(FOREIGN_CZECH)},                     /* í */
    {0x00e1, BIT(FOREIGN_SPANISH) | BIT(FOREIGN_CZECH)},                     /* á */
    {0x00f2, BIT(FOREIGN_ITALIAN)},                                          /* ò */
    {0x00f9, BIT(FOREIGN_ITALIAN)},                                          /* ù */
    {0x00e3, BIT(FOREIGN_PORTUGUESE)},                                       /* ã */
    {0x00f5, BIT(FOREIGN_PORTUGUESE)},                                       /* õ */
    {0x010d, BIT(FOREIGN_CZECH)},                                            /* č */
    {0x011b, BIT(FOREIGN_CZECH)},                                            /* ě */
    {0x0159, BIT(FOREIGN_CZECH)},                                            /* ř */
    {0x0161, BIT(FOREIGN_CZECH)},                                            /* š */
    {0x016f, BIT(FOREIGN_CZECH)},                                            /* ů */
    {0x017e, BIT(FOREIGN_CZECH)},                                            /* ž */
    {0x00fd, BIT(FOREIGN_CZECH)},                                            /* ý */
    {0x044b, BIT(LANGUAGE_RU)},                                              /* ы */
    {0x044d, BIT(LANGUAGE_RU)},                                              /* э */
    {0x0456, BIT(FOREIGN_UKRAINIAN)},                                        /* і */
    {0x0457, BIT(FOREIGN_UKRAINIAN)},                                        /* ї */
    {0x0454, BIT(FOREIGN_UKRAINIAN)},                                        /* є */
    {0x0491, BIT(FOREIGN_UKRAINIAN)},                                        /* ґ */
    {0x044a, BIT(FOREIGN_BULGARIAN)},                                        /* ъ */
};
const uint32_t language_letters_count = sizeof language_letters / sizeof language_letters[0];
