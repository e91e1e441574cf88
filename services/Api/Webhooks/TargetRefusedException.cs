namespace CloudPbx.Api.Webhooks;

/// <summary>A name leads inside a network by now.</summary>
internal sealed class TargetRefusedException() : IOException("The host's address is inside a network: not connected.");
