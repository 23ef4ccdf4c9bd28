"""Finding exceptions again: by their gravity, by their clocks, by the steps of all of them, by words."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from service.cases.telling import of_account, of_ids, of_texts, word

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("state <> 'closed'")
CHUNK = 2_000
IDS = {'executions': 'exec_id, order_id, cl_ord_id, parent_id', 'order_events': 'exec_id, order_id, cl_ord_id, parent_id',
       'order_outcomes': 'order_id, cl_ord_id, parent_id'}


def upgrade() -> None:
    """Make columns, indices and words. When the clocks of open cases run out the daemon says at its next start."""
    for name in ('gravity', 'sla_at'):
        op.add_column('cases', sa.Column(name, Big, nullable=True))
    op.execute("UPDATE cases SET gravity = CASE severity WHEN 'critical' THEN 3 WHEN 'high' THEN 2"
               " WHEN 'medium' THEN 1 ELSE 0 END")
    op.execute("INSERT INTO offsets (name, value) SELECT 'case_step', (SELECT coalesce(max(case_id), 0) FROM cases)"
               " WHERE NOT EXISTS (SELECT 1 FROM offsets WHERE name = 'case_step')")
    op.create_index('ix_cases_open', 'cases', ['gravity', 'last_at', 'case_id'],
        sqlite_where=OPEN, postgresql_where=OPEN)
    for name in ('rule', 'venue', 'symbol'):
        op.create_index(op.f(f'ix_cases_{name}_case_id'), 'cases', [name, 'case_id'], unique=False)
    op.create_table('case_words',
        sa.Column('word', sa.Text(), nullable=False),
        sa.Column('case_id', Big, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['cases.case_id'], name=op.f('fk_case_words_case_id')),
        sa.PrimaryKeyConstraint('word', 'case_id', name=op.f('pk_case_words')),
        sqlite_with_rowid=False,
        comment='The words by which a case is found again: ids, accounts, tickets, what people wrote (cases/telling.py).'
    )
    _words_of_findings()
    _words_of_people()


def _words_of_findings() -> None:
    connection, after = op.get_bind(), 0
    wanted = sa.text('SELECT h.seq, h.case_id, f.subject, f."offset", f.body FROM case_findings h'
                     ' JOIN findings f ON f.seq = h.seq WHERE h.seq > :after ORDER BY h.seq LIMIT :chunk')
    while rows := connection.execute(wanted, {'after': after, 'chunk': CHUNK}).all():
        bodies = {row.seq: json.loads(bytes(row.body)) for row in rows}
        offsets = {row.seq: {row.offset, *bodies[row.seq].get('related', [])[-20:]} for row in rows}
        ids = _ids(sorted(set().union(*offsets.values())))
        pairs = set()
        for row in rows:
            accounts = bodies[row.seq].get('accounts', [])
            told = {word(row.subject), word(row.subject.rpartition('/')[2]), *map(word, accounts)}
            told |= {of_account(account) for account in accounts if word(account)}
            told |= set().union(*(ids.get(offset, set()) for offset in offsets[row.seq]))
            pairs |= {(name, row.case_id) for name in told if name}
        _keep(pairs)
        after = rows[-1].seq


def _ids(offsets: list[int]) -> dict[int, set[str]]:
    connection = op.get_bind()
    found: dict[int, set[str]] = {}
    for first in range(0, len(offsets), 500):
        some = offsets[first : first + 500]
        for table, columns in IDS.items():
            wanted = sa.text(f'SELECT "offset", {columns} FROM {table} WHERE "offset" IN :some')
            for row in connection.execute(wanted.bindparams(sa.bindparam('some', expanding=True)), {'some': some}):
                found.setdefault(row[0], set()).update(of_ids(row[1:]))
    return found


def _words_of_people() -> None:
    connection = op.get_bind()
    after = (0, 0)
    wanted = sa.text('SELECT case_id, n, body FROM case_events WHERE (case_id, n) > (:case_id, :n)'
                     ' ORDER BY case_id, n LIMIT :chunk')
    while rows := connection.execute(wanted, {'case_id': after[0], 'n': after[1], 'chunk': CHUNK}).all():
        pairs = set()
        for row in rows:
            told = json.loads(bytes(row.body))
            pairs |= {(name, row.case_id) for name in of_texts(told.get('note') or '', told.get('ticket') or '')}
        _keep(pairs)
        after = (rows[-1].case_id, rows[-1].n)


def _keep(pairs: set[tuple[str, int]]) -> None:
    into = sa.text('INSERT INTO case_words (word, case_id) VALUES (:word, :case_id) ON CONFLICT DO NOTHING')
    if pairs:
        op.get_bind().execute(into, [{'word': name, 'case_id': number} for name, number in sorted(pairs)])
