using CloudPbx.Sip.Dialogs;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An early dialog of an INVITE of ours.</summary>
/// <param name="Dialog">The dialog.</param>
/// <param name="RSeq">The RSeq of the last reliable response that was taken, if there was one.</param>
/// <param name="Offers">Where offer and answer stand.</param>
public sealed record EarlyDialogState(DialogState Dialog, uint? RSeq, OfferState Offers);
