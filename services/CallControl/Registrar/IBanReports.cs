using CloudPbx.State.Bans;

namespace CloudPbx.CallControl.Registrar;

/// <summary>Where a worker tells what concerns bans; never waits.</summary>
internal interface IBanReports
{
    /// <summary>Somebody guessed too often.</summary>
    void Ban(in BanSubject subject);

    /// <summary>Somebody, from wherever, told an account's wrong password.</summary>
    void Guessed(in AttackedAccount account, int weight);

    /// <summary>An account is registered from a source, for so long.</summary>
    void Registered(in BanSource source, TimeSpan life);
}
