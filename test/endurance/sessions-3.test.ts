import { seededSessions } from './sessions.js';

seededSessions(501, 250);
