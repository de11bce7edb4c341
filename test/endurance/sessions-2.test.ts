import { seededSessions } from './sessions.js';

seededSessions(251, 250);
