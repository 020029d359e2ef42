"""The two ways to say no: a rule refuses the deed, or something typed cannot be used."""


class Refusal(Exception):
    """A rule forbids this now. The message is a whole, translated sentence for the person who tried (HTTP 409)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class InvalidInput(Exception):
    """Something given cannot be used (HTTP 422).

    ``problems`` maps where it was given (a form field or a JSON pointer) to a translated sentence that says how to
    mend it.
    """

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{where}: {sentence}" for where, sentence in problems.items()))
        self.problems = problems
