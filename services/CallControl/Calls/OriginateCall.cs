using CloudPbx.Data.Tenants;

namespace CloudPbx.CallControl.Calls;

/// <summary>What a call that a program asked for begins with.</summary>
/// <param name="From">The extension whose phones ring first.</param>
/// <param name="Called">What its record says was called.</param>
/// <param name="AnswerAfterSeconds">When those phones are asked to answer by themselves; null for never.</param>
/// <param name="Supervision">The call that is supervised; null where the extension calls somebody.</param>
internal sealed record OriginateCall(ConfiguredExtension From, string Called, int? AnswerAfterSeconds, Supervision? Supervision);
