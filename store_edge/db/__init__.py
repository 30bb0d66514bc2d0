"""The store's database: tables, migrations, the journal, and the books the counter writes in."""
