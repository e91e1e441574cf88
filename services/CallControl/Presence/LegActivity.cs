using CloudPbx.Contracts.Live;

namespace CloudPbx.CallControl.Presence;

/// <summary>What one phone does in a call.</summary>
/// <param name="Extension">Its extension.</param>
/// <param name="State">Ringing, calling or talking.</param>
internal readonly record struct LegActivity(string Extension, ExtensionState State);
