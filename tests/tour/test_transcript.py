from watchword.tour.transcript import mask, readable, secrets_in


def test_colours_and_screens_are_taken_out() -> None:
    assert readable("\x1b[1;31mred\x1b[0m\x1b[?1049h \x1b]0;title\x07plain") == "red plain"


def test_of_a_line_rewritten_in_place_the_last_state_stays() -> None:
    assert readable("next code in 3 s\rnext code in 2 s\r\x1b[K\r\ndone\r\n") == "next code in 2 s\ndone"


def test_secrets_are_found_in_what_the_commands_print() -> None:
    printed = '{"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG", "SessionToken": "FwoGZXIvYXdzEBYaDH=="}'
    assert secrets_in(printed) == {"wJalrXUtnFEMI/K7MDENG", "FwoGZXIvYXdzEBYaDH=="}
    assert secrets_in("export AWS_SESSION_TOKEN='FwoGZXIvYXdzEBYaDH'") == {"FwoGZXIvYXdzEBYaDH"}


def test_a_masked_text_holds_none_of_the_secrets_even_when_one_is_part_of_another() -> None:
    assert mask("key=abcdef short=abc", {"abc", "abcdef"}) == "key=••• short=•••"
