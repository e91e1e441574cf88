using CloudPbx.Data.Users;
using Microsoft.AspNetCore.Identity;

namespace CloudPbx.Identity.Users;

/// <summary>What a password must be beyond its length: not the account's own name, not one character over and over, not one of those that everybody tries first.</summary>
internal sealed class PasswordRules : IPasswordValidator<GlobalUser>
{
    /// <summary>Characters at least.</summary>
    public const int LeastLength = 10;

    /// <summary>Characters at most: hashing longer ones is work that a stranger orders.</summary>
    public const int MostLength = 200;

    /// <summary>Code of the error for a password that is too easily guessed.</summary>
    public const string Guessable = nameof(Guessable);

    private static readonly HashSet<string> s_tried = new(StringComparer.OrdinalIgnoreCase)
    {
        "1234567890", "0123456789", "9876543210", "0987654321", "12345678910", "123456789a", "qwertyuiop", "qwerty12345", "asdfghjkl1", "1q2w3e4r5t", "1qaz2wsx3edc", "password12", "password123",
        "password1234", "passw0rd123", "administrator", "welcome123", "letmein123", "iloveyou123", "changeme123", "cloudpbx123", "cloudpbx1234", "a123456789", "woaini1314", "5201314520",
    };

    public Task<IdentityResult> ValidateAsync(UserManager<GlobalUser> manager, GlobalUser user, string? password)
    {
        bool weak = password is null || password.Length > MostLength || s_tried.Contains(password) || password.Distinct().Count() < 4
            || string.Equals(password, user.UserName, StringComparison.OrdinalIgnoreCase)
            || (user.UserName.Split('@')[0] is { Length: >= 4 } name && password.Contains(name, StringComparison.OrdinalIgnoreCase) && password.Length < name.Length + 6);
        return Task.FromResult(weak ? IdentityResult.Failed(new IdentityError { Code = Guessable, Description = "Too easily guessed." }) : IdentityResult.Success);
    }
}
