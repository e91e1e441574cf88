namespace CloudPbx.TestKit.Phones;

/// <summary>How a run of sipp ended.</summary>
/// <param name="ExitCode">0: every call went as the scenario says; 1: at least one did not; 97 and more: sipp itself failed.</param>
/// <param name="Successful">Calls that went as the scenario says.</param>
/// <param name="Failed">Calls that did not.</param>
/// <param name="Log">Its errors and the messages it sent and received.</param>
public sealed record SippOutcome(int ExitCode, int Successful, int Failed, string Log);
