import { seededSessions } from './sessions.js';

seededSessions(1, 250);
