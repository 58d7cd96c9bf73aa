// The peer of the original stack: Express and Sequelize. DATABASE_URL, SECRET_KEY and PORT come from the environment.

import express from 'express';

import { Refusal, answerError } from '../common/http.js';
import { signedIn } from './access.js';
import { messageCreate, messagePage } from './messages.js';
import { memberList, serverDetail, serverList } from './servers.js';

const app = express();
app.disable('x-powered-by').disable('etag');
app.use(express.json({ limit: '1mb' }));
app.use('/api', signedIn);
app.get('/api/messages', messagePage);
app.post('/api/messages', messageCreate);
app.get('/api/servers', serverList);
app.get('/api/servers/:id', serverDetail);
app.get('/api/serverMembers/:id/members', memberList);
app.use(() => {
  throw new Refusal(404, 'Not found');
});
app.use(answerError);
app.listen(Number(process.env.PORT), '127.0.0.1');
