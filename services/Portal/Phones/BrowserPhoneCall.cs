namespace CloudPbx.Portal.Phones;

/// <summary>The call of the phone in the browser.</summary>
/// <param name="Direction"><c>in</c> or <c>out</c>.</param>
/// <param name="Number">The other party's number.</param>
/// <param name="Name">Its name, or empty.</param>
/// <param name="Phase"><c>calling</c>, <c>ringing</c>, <c>incoming</c>, <c>answering</c>, <c>talking</c> or <c>ended</c>.</param>
/// <param name="Muted">Whether the voice is kept back.</param>
/// <param name="Held">Whether it is held here.</param>
/// <param name="HeldByPeer">Whether the other party holds it.</param>
/// <param name="Changing">Whether holding or taking back is under way.</param>
/// <param name="Since">When the talk began, in milliseconds of the browser's clock.</param>
/// <param name="Digits">The digits that were pressed.</param>
/// <param name="Transfer"><c>asked</c>, <c>done</c> or <c>failed</c>, where the other party is sent on.</param>
/// <param name="TransferTo">To whom.</param>
/// <param name="TransferReason">Why that failed.</param>
/// <param name="Reason">Why it is over.</param>
public sealed record BrowserPhoneCall(
    string Direction, string Number, string? Name, string Phase, bool Muted, bool Held, bool HeldByPeer, bool Changing, long? Since, string? Digits, string? Transfer, string? TransferTo,
    string? TransferReason, string? Reason)
{
    /// <summary>Whether somebody is at the other end, or is being called.</summary>
    public bool IsOpen => Phase != "ended";

    /// <summary>Name and number, or the number.</summary>
    public string Who => string.IsNullOrEmpty(Name) || Name == Number ? Number : Name;
}
