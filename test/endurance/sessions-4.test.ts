import { seededSessions } from './sessions.js';

seededSessions(751, 250);
