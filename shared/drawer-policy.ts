import { z } from 'zod';

/** How the till watches its drawer's switch. Seconds; 0 switches a threshold off. */
export const drawerPolicySchema = z.object({
  /** An opening is explained by a grant that was used at most so long before it. */
  grantWindowSeconds: z.number().int().min(1).max(120),
  /** The screen says that the drawer stands open. */
  openLongSeconds: z.number().int().min(0).max(3600),
  /** Managers are told that it still does. */
  openAlertSeconds: z.number().int().min(0).max(86_400),
  /** Managers get a message about an opening that nothing explains. */
  alertManagers: z.boolean(),
});
export type DrawerPolicy = z.infer<typeof drawerPolicySchema>;

export const DEFAULT_DRAWER: DrawerPolicy = {
  grantWindowSeconds: 10,
  openLongSeconds: 60,
  openAlertSeconds: 0,
  alertManagers: true,
};
