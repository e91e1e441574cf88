using CloudPbx.Contracts.Live;

namespace CloudPbx.CallControl.Presence;

/// <summary>What one phone of an extension does in a call, as colleagues who watch the extension may see it.</summary>
/// <param name="Extension">The extension.</param>
/// <param name="Id">The dialog's name, unique in the extension.</param>
/// <param name="State">Ringing, calling or talking.</param>
/// <param name="IsInitiator">Whether the phone called; otherwise it was called.</param>
/// <param name="RemoteNumber">Who is at the other end; empty where that one hides.</param>
/// <param name="RemoteName">The name of that one; empty for none.</param>
internal readonly record struct PhoneDialog(string Extension, string Id, ExtensionState State, bool IsInitiator, string RemoteNumber, string RemoteName);
