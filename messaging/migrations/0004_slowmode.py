import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0003_attachments'),
        ('servers', '0002_overwrites'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LastWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('channel', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='servers.channel')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('channel', 'user'), name='message_last_word_once')],
            },
        ),
        # The database's own foreign keys, as in the first migration.
        *(
            migrations.RunSQL(
                f"ALTER TABLE messaging_lastword ADD CONSTRAINT messaging_lastword_{column}_fk FOREIGN KEY ({column}) "
                f"REFERENCES {target} (id) ON DELETE CASCADE",
                f"ALTER TABLE messaging_lastword DROP CONSTRAINT messaging_lastword_{column}_fk",
            )
            for column, target in (("channel_id", "servers_channel"), ("user_id", "accounts_user"))
        ),
    ]
