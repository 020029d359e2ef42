"""Rows of a table get what their columns ask for, and nothing they say is lost."""

from core.tables import column, dress_rows

COLUMNS = [column("Customer"), column("Your part", number=True, key=True), column("Deed", hidden=True)]


def test_every_cell_has_its_role_and_the_name_of_its_column() -> None:
    dressed = dress_rows('<tr><th scope="row">Acme</th><td>5.00</td><td class="actions">x</td></tr>', COLUMNS)
    assert dressed == (
        '<tr role="row"><th scope="row" role="rowheader">Acme</th>'
        '<td class="n key" data-label="Your part" role="cell">5.00</td>'
        '<td class="actions" role="cell">x</td></tr>'
    )


def test_each_row_begins_at_the_first_column() -> None:
    row = '<tr><th scope="row">A</th><td>1</td></tr>'
    dressed = dress_rows(row * 2, COLUMNS)
    assert dressed == dress_rows(row, COLUMNS) * 2


def test_a_cell_across_several_columns_counts_as_so_many() -> None:
    columns = [column("Kind"), column("Quantity", number=True), column("Amount", number=True)]
    dressed = dress_rows('<tr><th scope="row" colspan="2">Total</th><td>9.00</td></tr>', columns)
    assert '<td class="n" data-label="Amount" role="cell">9.00</td>' in dressed
    assert 'colspan="2" role="rowheader"' in dressed


def test_a_class_and_a_label_that_stand_there_already_are_kept() -> None:
    dressed = dress_rows('<tr><th scope="row">A</th><td class="line" data-label="Sum">1</td></tr>', COLUMNS)
    assert 'class="line n key" data-label="Sum" role="cell"' in dressed


def test_a_label_cannot_break_out_of_its_attribute() -> None:
    dressed = dress_rows("<tr><td>1</td></tr>", [column('"><script>')])
    assert "<script>" not in dressed


def test_a_greater_sign_inside_an_attribute_does_not_end_the_tag() -> None:
    dressed = dress_rows('<tr><td title="a > b">1</td></tr>', [column("Size")])
    assert dressed == '<tr role="row"><td title="a > b" data-label="Size" role="cell">1</td></tr>'
