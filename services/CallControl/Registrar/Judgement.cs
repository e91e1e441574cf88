using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Authentication;

namespace CloudPbx.CallControl.Registrar;

/// <summary>What a request's credentials are worth.</summary>
/// <param name="Realm">The realm that it was asked in.</param>
/// <param name="Credentials">The credentials; null where there are none for us.</param>
/// <param name="Device">The device that they name, whether they are right or not.</param>
/// <param name="Verdict">What they are; null where there are none.</param>
internal readonly record struct Judgement(string Realm, DigestCredentials? Credentials, ConfiguredDevice? Device, DigestVerdict? Verdict)
{
    /// <summary>Whether they are wrong: our challenge was answered, by nobody we know or with another password.</summary>
    public bool IsRefusal => Verdict == DigestVerdict.Refused;
}
