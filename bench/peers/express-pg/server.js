// The lean peer: Express and raw SQL. DATABASE_URL, SECRET_KEY and PORT come from the environment.

import express from 'express';

import { Refusal, answerError } from '../common/http.js';
import { signedIn } from './access.js';
import { messageCreate, messagePage, messageSearch } from './messages.js';
import { memberList, serverDetail, serverList } from './servers.js';

const app = express();
app.disable('x-powered-by').disable('etag');
app.use('/api', signedIn);
app.get('/api/messages', messagePage);
app.get('/api/messages/search', messageSearch);
app.post('/api/messages', express.json({ limit: '1mb' }), messageCreate);
app.get('/api/servers', serverList);
app.get('/api/servers/:id', serverDetail);
app.get('/api/serverMembers/:id/members', memberList);
app.use(() => {
  throw new Refusal(404, 'Not found');
});
app.use(answerError);
app.listen(Number(process.env.PORT), '127.0.0.1');
