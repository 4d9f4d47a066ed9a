# A Home Manager configuration with the stacks that stackfuzz tests. `stackfuzz.yaml` beside it:
#   commands: { rebuild: home-manager switch --flake /home/me/config, rollback: home-manager switch --rollback }
#   declaration: /home/me/config/stackfuzz.json
# A flake sees only files that git knows: git add --intent-to-add --force stackfuzz.json, once.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    # A clone of stackfuzz.
    stackfuzz = { url = "path:/home/me/stackfuzz"; flake = false; };
  };

  outputs = { nixpkgs, home-manager, stackfuzz, ... }: {
    homeConfigurations.me = home-manager.lib.homeManagerConfiguration {
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [
        "${stackfuzz}/nix/home-manager.nix"
        # Where the nights are had, which may be another computer: a timer for each host.
        "${stackfuzz}/nix/nightly.nix"
        {
          services.stackfuzz.nightly = { enable = true; hosts = [ "wsl" "igpu" ]; directory = "%h/stackfuzz"; };
        }
        {
          home = { username = "me"; homeDirectory = "/home/me"; stateVersion = "25.05"; };
          services.stackfuzz = { enable = true; declaration = ./stackfuzz.json; };
        }
      ];
    };
  };
}
