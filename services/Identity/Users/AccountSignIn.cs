using CloudPbx.Data.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CloudPbx.Identity.Users;

/// <summary>Signs people in. An account that was disabled is refused like a wrong password.</summary>
internal sealed class AccountSignIn(
    UserManager<GlobalUser> users, IHttpContextAccessor http, IUserClaimsPrincipalFactory<GlobalUser> principals, IOptions<Microsoft.AspNetCore.Identity.IdentityOptions> options,
    ILogger<AccountSignIn> logger, IAuthenticationSchemeProvider schemes, IUserConfirmation<GlobalUser> confirmation)
    : SignInManager<GlobalUser>(users, http, principals, options, logger, schemes, confirmation)
{
    public override Task<bool> CanSignInAsync(GlobalUser user) => Task.FromResult(user.Enabled);
}
