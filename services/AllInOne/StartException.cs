namespace CloudPbx.AllInOne;

/// <summary>The product cannot start, for a reason that the operator can mend; the message is one sentence that says how.</summary>
public sealed class StartException(string message) : Exception(message);
