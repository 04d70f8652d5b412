"""Content filters in the words of the vendors' languages.

A word counts by what it can mean. "Profanity" speaks of a text wherever it stands. "Forbidden" may speak of an address,
"illegal" of an argument, "policy" of an organisation: such words count only beside one for a text, or beside one for
breaking the rules of use. The other side is in :data:`ACCOUNT` and :data:`OTHERWISE`: a suspended account, a parameter,
a policy about rates. Repetitions are bounded, because a server may answer whatever it likes.
"""

from __future__ import annotations

import re

READ = 8_192
"""Most characters that are looked at."""

TEXT_EN = (
    r"(content(?![\s_-]?(type|length|encoding|disposition))|texts?|inputs?|prompts?|outputs?|queries|query|words?"
    r"|terms?|data|"
    r"topics?|material|information|phrases?|sentences?|documents?|language|expressions?)"
)

CODES = (
    r"content[\s_-]?(filter|policy|moderat|violation|risk|blocked|exists risk|management policy|safety|review)"
    r"|data_?inspection|SensitiveContent|ResponsibleAI|responsible ai (practices|polic)|PROHIBITED_CONTENT"
    r"|(INPUT|OUTPUT|TEXT|PROMPT)_?(BLOCKED|MODERATION|UNSAFE|FLAGGED)|SAFETY_(CHECK|BLOCK|VIOLATION)|HARM_CATEGORY"
    r"|\bblock_?reason\b|censor(ed|ship)|guardrail|new_sensitive|considered high risk|\brecitation\b|jailbreak"
    r"|self[\s_-]?harm"
    r"|prompt[\s_](injection|shield|attack)|\bcsam\b|\bnsfw\b|protected[\s_]material"
    r"|copyright(ed)? (material|content|text)"
)
"""Names of filters, categories and codes."""

EN = (
    r"\b(toxic|profan|obscen|vulgar|pornograph|extremis[mt]|terroris[mt]|hateful|harassment)\w{0,20}"
    r"|hate[\s_-]?speech|\bslurs?\b"
    r"|\b(offensive|abusive|sexual(ly)?|violent|violence|unethical|unsafe|harmful|objectionable)\b|\bmoderation\b"
    rf"|\b(inappropriate|(?<!case[ -])sensitive|prohibited|disallowed|illegal|unlawful|illicit|forbidden|banned|"
    rf"blocked|restricted|(black|block|deny)[\s_-]?listed|explicit|dangerous)\s(\w{{1,20}}\s)?(?!language\b){TEXT_EN}\b"
    r"(?!\s(type|code|encoding|format|parameter|argument|field|name|id)\b)"
    rf"|\b{TEXT_EN}\b.{{0,40}}(is|are|was|were|be|been|contains?|as|deemed|considered|found|be"
    rf"|rated)\s(\w{{1,20}}ly\s)?"
    r"(inappropriate|not (appropriate|acceptable|suitable)|(?<!case[ -])sensitive|prohibited|forbidden|illegal|blocked|"
    r"disallowed|banned|(black|block|deny)listed|restricted)\b"
    rf"|\b{TEXT_EN}\b.{{0,40}}\b(on|in|matche[sd]|hits?)\b.{{0,20}}(black|block|deny)[\s_-]?list"
    r"|(was|were|is|been|be|got|input|prompt|text|content)\sflagged\b|\bflagged (as|for|by)\b"
    r"|\b(violat|breach|contraven|infring|contrary to|against|restricted by|compl[yi]|conform)\w{0,20}\b.{0,60}"
    r"\b(polic(y|ies)|guidelines?|rules|terms of (use|service)|standards?|laws?|regulations?|principles)\b"
    r"|\b(legal|safety|ethical|moral|compliance|copyright)[\s_](reasons?|concerns?|grounds|restrictions?|violation)"
    r"|(content|usage|use|safety) policy|prohibited use|\b(curse|swear) ?words?|\b(discriminat|racis[mt]"
    r"|sexis[mt])\w{0,20}"
    r"|content (is |was |has been )?(not|un)[ -]?(allowed|permitted|acceptable|appropriate)|content (rules|standards"
    r"|restrictions)"
    r"|\b(content|text|input|prompt|topic|output|translation)\b.{0,40}\b(blocked|removed|denied|rejected|refused"
    r"|triggered)\b"
    r".{0,40}\b(polic(y|ies)|abuse)\b|(denied|blocked) topics?\b|\b(content|text|input|prompt)\b.{0,30}\babuse\b"
    r"|\b(permitted|allowed|prohibited|forbidden) by (our|the|its) (\w{1,20}\s)?(polic|rules|guidelines)\w{0,20}"
    r"|compliance check|\bunacceptable (language|content|words?)|\bregulatory (reasons?|requirements?|restrictions?)"
    r"|\b(safety|profanity|toxicity|abuse|output|input|word|keyword) filter"
    r"|safety (system|setting|check)|trust (and|&) safety"
    rf"|\b(filtered|blocked|rejected|refused|stopped|withheld)\b.{{0,40}}\b(filters?|safety|harm)\b"
    rf"|\b({TEXT_EN}|compliance)\b.{{0,40}}\b(review|audit|inspection)\b"
    r"|\b(unable to|can ?not|can.t|won.t) (assist|help|comply) with (this|that|your|the) (request|content|text|prompt)"
)

ZH = (
    r"敏感|[违違](规|規|禁|法)|不(安全|健康)|不良(信息|内容|資訊)|不(当|當)(内容|內容|言[论論]|信息)|不(适宜|宜|合适)"
    r"|低俗|色情|[涉淫](黄|政|暴|恐|敏|秽)"
    r"|暴恐|恐怖|暴力|辱[骂罵]|政治|(非法|[风風][险險]|有害)(内容|內容|信息|言论|文本|文字)|(内容|內容|文本)(存在"
    r"|含有|有)?(安全|合规|[风風]|[审審])"
    r"|(内容|內容|文本|原文|译文|输入|提示词).{0,10}([审審](核|查)|安全|拦截|[屏禁][蔽止用])|[屏禁](蔽|止|用)[词詞]"
    r"|(违反|違反|不符合|根据|依据).{0,20}(法律|法规|法規|政策|规定|規定|规范|規範|准则|準則|协议|条款)"
    r"|安全(审核|检测|策略|过滤)|(内容|文本|输入).{0,6}(过审|有[风風][险險])|(文本|内容).{0,6}不合规|(政策|法律|合规"
    r"|安全)原因|无法回答"
    r"|[触觸]发.{0,10}(过滤|审核|内容)"
)
JA = (
    r"不適切な?(コンテンツ|内容|表現|テキスト|言葉|言語表現|単語|用語|文)|(コンテンツ|内容|表現|テキスト|入力"
    r"|文章?)[がは]不適切|有害|不快な|安全で(は)?ない|わいせつ|猥褻|アダルト|公序良俗|誹謗|中傷|差別|ヘイト|検閲"
    r"|モデレーション|センシティブ"
    r"|NGワード|著作権|暴力|性的"
    r"|(禁止|攻撃的|危険|違法|不当)(な|の|された|されている)?(用?語|ワード|単語|表現|内容|コンテンツ|テキスト|言葉|文)"
    r"|(ポリシー|規約|ガイドライン|法令|法律|規則|規定|基準)(に|の)?(違反|反する|反し|抵触)"
    r"|(コンテンツ|安全性?|セーフティー?|不適切語)の?(フィルタ|ポリシー|チェック|審査)|(不正"
    r"|不当)な(コンテンツ(?!タイプ|の?(種類|長))|発言)|法的な?(理由|問題)|安全(性の)?基準"
)
KO = (
    r"(부적절|유해|불건전|위험|불법|금지|민감)(한|된|적인)?\s?(콘텐츠|컨텐츠|내용|표현|단어|텍스트|언어|문장|정보"
    r"|주제)|금칙어|금지어|비속어|욕설|음란|선정적|성적인"
    r"|폭력|혐오|차별|검열|모더레이션|저작권|차단된 (콘텐츠|컨텐츠|내용|단어)|안전(상의|을 위)|법적(인)?\s?(사유|이유"
    r"|문제)|(콘텐츠|컨텐츠"
    r"|안전)\s?(정책|필터|검사|심사)"
    r"|(정책|약관|가이드라인|규정|법률|법령)[을를에의]?\s?(위반|위배)"
)
RU = (
    r"(недопустим|запрещ[её]нн|неприемлем|незаконн|опасн|вредн|чувствительн|неподобающ)\w{0,20}\s(\w{1,20}\s)?"
    r"(контент|содержани|содержим|слов|лексик|выражени|тем[аыуе]?\b|материал|текст|высказывани)"
    r"|(контент|содержани|текст|запрос|сообщени|тема?)\w{0,20}.{0,20}(недопустим|запрещ[её]н|неприемлем)"
    r"|оскорб|нецензурн|ненормативн|непристойн|экстремис|порнограф|насили|цензур|модерац|токсичн|этическ|[эе]тичн"
    r"|проверк\w{0,3}\s(безопасности|контента|содержания)"
    r"|(наруш|противореч|не соответств)\w{0,20}.{0,40}(политик|правил|услови|закон|норм|стандарт)"
    r"|заблокирован\w{0,3}\s(\w{1,20}\s)?фильтр|фильтр\w{0,20}\s(контент|содерж|безопасн|текст)|(юридическ"
    r"|правов)\w{0,20}\sпричин|не мог\w{0,20} обсуждать"
)
DE = (
    r"(unangemessen|unzulässig|verboten|sensib|schädlich|gefährlich|anstößig|illegal|gesperrt|rechtswidrig"
    r"|jugendgefährdend)\w{0,20}\s"
    r"(\w{1,20}\s)?(Inhalt|Wort|Wörter|Begriff|Text|Sprache|Ausdr|Eingabe|Them)|beleidig|obszön|pornogra[fp]"
    r"|Hass(rede|botschaft)"
    r"|vulgär|toxisch|rassistisch|gewaltverherrlich|anstößig|zensier|Jugendschutz"
    r"|\b(verstö(ß|ss)|verstie(ß|ss)|versto(ß|ss)|verletz)\w{0,20}\b.{0,60}(richtlini|bedingung|regeln|\brecht\b|gesetz"
    r"|standards)"
    r"|(rechtliche|gesetzliche|ethische)[nr]?\sGründe|(Inhalts|Sicherheits|Wort)(filter|richtlini|prüfung)"
    r"|Moderation\b|\b(Inhalt|Text|Eingabe)\w{0,3}\b.{0,20}nicht (zulässig|erlaubt|gestattet)"
    r"|(Sicherheits|Rechts|Jugendschutz)gründen"
)
FR = (
    r"\b(contenu|texte|langage|propos|mots?|termes?|(ce|le|votre) message|requête|sujet)s?\b.{0,30}(inapproprié"
    r"|interdit|bloqué|"
    r"sensible\b(?! à)|illicite|illégal|dangereu|toxique|explicite|nuisible|préjudiciable|choquant|inacceptable)"
    r"|haineu[xs]|injurieu|offensant"
    r"|obscèn|pornograph|grossi(er|èreté)|censur|modération|\bcontenu\b.{0,20}\b(pas|non)\s(autorisé|permis|admis"
    r"|conforme)|raisons? (juridique|légale|éthique)|motifs? légaux"
    r"|\b(enfrei|viol|contrevien|contraire|non[\s-]conforme)\w{0,20}\b.{0,50}(règle|politique|conditions|lois?\b"
    r"|charte|directive)"
    r"|filtres? (de|du|des) (contenu|sécurité|modération)|politique (de contenu|d.utilisation|de sécurité)"
)
ES = (
    r"\b(contenido|texto|lenguaje|palabras?|términos?|mensaje|solicitud|tema|expresi[óo]n)(es|s)?\b.{0,30}(inapropiad"
    r"|inadecuad|"
    r"prohibid|bloquead|sensible|ilegal|ilícit|dañin|peligros|explícit|tóxic|ofensiv|violent|sexual|vetad|malsonant"
    r"|soez)|ofensiv[oa]"
    r"|obscen|pornogr|discurso de odio|insult|censura|moderación|\bcontenido\b.{0,20}\bno\s(está\s)?(permitid"
    r"|autorizad|admitid|apt)|(motivos|razones) (legales|éticas|éticos)"
    r"|\b(infri|viol|incumpl|contravien|contrari)\w{0,20}\b.{0,50}(polític|normas|términos|condiciones|ley|directric"
    r"|reglas|pautas)"
    r"|filtros? de (contenido|seguridad|moderación)|política de (contenido|uso|seguridad)"
)

STOPPED = r"(suspend|disabl|deactivat|bann|block|flagg|terminat|restrict)\w{0,20}"

ACCOUNT = (
    rf"\b(account|organi[sz]ation|project|workspace|tenant)\b.{{0,60}}\b{STOPPED}|\borgani[sz]ation\W{{0,3}}s?\s?policy"
    r"|\bip\b.{0,30}(list|block|ban)|不在.{0,6}白名[单單]"
    r"|([账帐賬帳][号號户戶]|应用|應用|企业|租户|实名|资质).{0,12}([违違][规規法反]|封禁|冻结|停用|禁用|[审審]核"
    r"|[风風][险險])"
    r"|アカウント.{0,30}(停止|凍結|ブロック|無効)|계정.{0,30}(정지|차단|비활성)"
    r"|(аккаунт|уч[её]тн)\w{0,20}.{0,40}(заблокирован|приостановлен|отключ)"
    r"|\bKonto\b.{0,80}(gesperrt|deaktiviert)|\bcompte\b.{0,60}(suspendu|désactivé|bloqué)"
    r"|\bcuenta\b.{0,60}(suspendid|desactivad|bloquead)"
)
"""Who asks is stopped, not what is asked."""

OTHERWISE = (
    r"\b(organi[sz]ation|iam|identity|resource|network|bucket|retention|data|rate|quota|billing"
    r"|throttl)\w{0,20}\b\W{0,3}(s\s)?"
    r"[\w-]{0,20}\s?(polic|rules|limiting)|(schema|constraint)\b|大小[写寫]敏感|case[ -]sensitive|not have access"
    r"|(unknown|unrecogni[sz]ed|unsupported|unexpected|invalid|missing)\s(\w{1,20}\s)?"
    r"(parameters?|arguments?|fields?|options?|filter expression)\b|invalid value"
    r"|(guardrail|model|moderation)\b.{0,60}(not exist|not found|no access)"
)

MODERATED = re.compile(f"{CODES}|{EN}|{ZH}|{JA}|{KO}|{RU}|{DE}|{FR}|{ES}", re.IGNORECASE)
STOPPED_ACCOUNT = re.compile(ACCOUNT, re.IGNORECASE)
ANOTHER_SENSE = re.compile(f"{ACCOUNT}|{OTHERWISE}", re.IGNORECASE)


def moderated(said: str) -> bool:
    """Whether these words say that a filter refuses this text, and would serve another."""
    said = said[:READ]
    return bool(MODERATED.search(said)) and not ANOTHER_SENSE.search(said)
