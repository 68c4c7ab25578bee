/** Errors of Azure, which deployments share with host connections. */
export * from '../../shared/azure/azure-error';
