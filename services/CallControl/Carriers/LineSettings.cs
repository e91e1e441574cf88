using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Whether a line has to register anew after a change of configuration.</summary>
internal static class LineSettings
{
    /// <summary>Whether nothing changed that the carrier's registrar would notice.</summary>
    public static bool Equal(TrunkLine line, TrunkSettings trunk, TrunkAccount account)
    {
        (TrunkSettings old, TrunkProfile a, TrunkProfile b) = (line.Trunk, line.Trunk.Profile, trunk.Profile);
        return old.Server == trunk.Server && old.OutboundProxy == trunk.OutboundProxy && old.RegistrationSeconds == trunk.RegistrationSeconds
            && line.Account.AuthUser == account.AuthUser && line.Account.SealedPassword.AsSpan().SequenceEqual(account.SealedPassword)
            && (a.RequestUriParameters, a.ParametersInFromAndTo, a.ContactHost, a.FreshCallIdPerRegister, a.VerifyServerName, a.TlsServerName, a.ClientCertificate)
                == (b.RequestUriParameters, b.ParametersInFromAndTo, b.ContactHost, b.FreshCallIdPerRegister, b.VerifyServerName, b.TlsServerName, b.ClientCertificate);
    }
}
